-- 重点任务: what a lead unit reports of a task of the plan, and when it is due.
CREATE TABLE star.fact_task (
    task_id          text COLLATE "C" NOT NULL,
    reported_on      date NOT NULL,
    plan_code        text NOT NULL,
    task_name        text NOT NULL,
    lead_unit        text NOT NULL,
    supporting_units text,
    deadline_on      date NOT NULL,
    status           text NOT NULL,
    progress         double precision CHECK (progress BETWEEN 0 AND 1),
    progress_note    text,
    evidence         text,
    quote            text,
    basis            text NOT NULL CHECK (basis IN ('official', 'user_supplied', 'example')),
    reported_by      text,
    approved_by      text,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int NOT NULL,
    PRIMARY KEY (task_id, reported_on)
);
COMMENT ON TABLE star.fact_task IS '重点任务进展 / progress of the plan''s tasks as reported';
CALL ledger.create_target('fact_task', 'fact', '{task_id,reported_on}');
