-- The schemas of what analysts and BI tools read (views/bi/), and the roles: one that owns the views, can read and
-- nothing else, and one for readers, who see the views only (access.sql).

-- The plan's statements and the score policies, as data; etl.database.seed fills them from warehouse/plan/.
CREATE SCHEMA plan;

CREATE TABLE plan.statement (
    indicator_code     text PRIMARY KEY,
    position           int NOT NULL,
    in_chapter         boolean NOT NULL,
    name_zh            text NOT NULL,
    name_en            text NOT NULL,
    theme              text NOT NULL,
    section            text,
    unit_zh            text,
    unit_en            text,
    value_as_stated    text,
    value              double precision,
    half_width         double precision,
    comparator         text NOT NULL,
    kind               text NOT NULL,
    period_start       date,
    period_end         date,
    quote              text,
    quote_sha256       text,
    computable         text NOT NULL CHECK (computable IN ('C', 'P', 'D')),
    direction          text NOT NULL,
    feeds              text[] NOT NULL,
    definition_version text NOT NULL,
    definition         jsonb NOT NULL,
    caveat_zh          text,
    caveat_en          text
);
COMMENT ON TABLE plan.statement IS '规划表述与派生指标，取自 warehouse/plan/ / statements of the plan and derived measures';

CREATE TABLE plan.score_policy (
    policy_code      text PRIMARY KEY,
    valid_from       date NOT NULL,
    valid_to         date NOT NULL,
    w_response       double precision NOT NULL,
    w_resolution     double precision NOT NULL,
    w_satisfaction   double precision NOT NULL,
    k_basic          double precision NOT NULL,
    partial_resolved double precision NOT NULL,
    month_start_day  int NOT NULL CHECK (month_start_day BETWEEN 1 AND 28),
    month_basis      text NOT NULL CHECK (month_basis IN ('opened', 'dispatched', 'closed', 'called_back')),
    status           text NOT NULL CHECK (status IN ('official', 'unofficial', 'example')),
    source           text NOT NULL,
    CHECK (abs(w_response + w_resolution + w_satisfaction - 1) < 1e-9),
    CHECK (valid_from < valid_to)
);
COMMENT ON TABLE plan.score_policy IS '三率考核口径（非官方者注明）/ score policies of the hotline, unofficial ones labelled';

-- Readings of a monthly stretch as it was known then need the superseded rows by time, too.
CREATE INDEX ON history.fact_work_order USING brin (opened_at);

CREATE SCHEMA label;
COMMENT ON SCHEMA label IS '视图内部使用：任一日期的名称与归属 / used inside bi: names and belonging on any day';

CREATE SCHEMA bi;
COMMENT ON SCHEMA bi IS '分析与报表只读视图 / flat views for analysts and BI tools';

-- Roles belong to the cluster: another warehouse in it may have made them, at this very moment.
DO $$
DECLARE
    r text;
    held boolean;
BEGIN
    FOREACH r IN ARRAY ARRAY['minsheng_bi_owner', 'minsheng_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', r);
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN NULL;
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION 'role % is missing and % may not create it', r, current_user
                        USING HINT = format('As an administrator: CREATE ROLE %I NOLOGIN;', r),
                              ERRCODE = 'insufficient_privilege';
            END;
        END IF;
    END LOOP;
    -- To hand over a view one must be able to become its new owner; from PostgreSQL 16 on
    -- that is a right of its own, which the creator of a role may give to itself.
    IF current_setting('server_version_num')::int >= 160000 THEN
        EXECUTE 'SELECT pg_has_role(current_user, ''minsheng_bi_owner'', ''SET'')' INTO held;
    ELSE
        held := pg_has_role(current_user, 'minsheng_bi_owner', 'MEMBER');
    END IF;
    IF NOT held THEN
        BEGIN
            EXECUTE format('GRANT minsheng_bi_owner TO %I', current_user)
                || CASE WHEN current_setting('server_version_num')::int >= 160000
                        THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END;
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE EXCEPTION 'role minsheng_bi_owner exists and % may not become it', current_user
                USING HINT = format('As an administrator: GRANT minsheng_bi_owner TO %I;', current_user),
                      ERRCODE = 'insufficient_privilege';
        END;
    END IF;
END $$;
