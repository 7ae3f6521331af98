-- Reconciliation (核对): what departments say of the same things, side by side with each kept evaluation.
CREATE TABLE ledger.reconciliation (
    evaluation_id bigint NOT NULL REFERENCES ledger.evaluation ON DELETE CASCADE,
    code          text NOT NULL,
    name_zh       text NOT NULL,
    name_en       text NOT NULL,
    owner         text NOT NULL,
    feeds         text[] NOT NULL,
    area_key      int NOT NULL,
    entity        text NOT NULL,
    left_value    double precision NOT NULL,
    right_value   double precision NOT NULL,
    PRIMARY KEY (evaluation_id, code, area_key, entity)
);
COMMENT ON TABLE ledger.reconciliation IS '核对不符之处：每次保存的评估一份 / where departments disagree, with each kept evaluation';
