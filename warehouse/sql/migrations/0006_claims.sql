-- Claims: what accepted deliveries said, believed or not, and the one order in which they outrank each other.
-- docs/precedence.md is this file in words.

-- Who outranks whom: compared column by column, the first difference decides.
CREATE TYPE ledger.rank AS (
    is_row      boolean,      -- members that a load query derives are below every row
    source_at   timestamptz,  -- -infinity where the source gives none, or one later than the receipt
    told_end    date,         -- what the row tells of: -infinity for a periodic fact, whose own month all its claims share
    told_start  date,
    is_act      boolean,      -- a correction or retraction
    period_end  date,
    period_start date,
    delivery_id bigint        -- the order of receipt
);

CREATE TABLE ledger.claim (
    feed        text NOT NULL,
    key         jsonb NOT NULL,
    sent        jsonb,
    delivery_id bigint NOT NULL REFERENCES ledger.delivery ON DELETE CASCADE,
    row_no      int NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('row', 'unreadable', 'retracted')),
    source_at   timestamptz NOT NULL,
    PRIMARY KEY (delivery_id, row_no)
);
CREATE INDEX claim_key ON ledger.claim (feed, key);
COMMENT ON TABLE ledger.claim IS '每批次对每个对象的说法 / what each accepted delivery said of each thing';
COMMENT ON COLUMN ledger.claim.key IS '业务主键各列，名称已解析 / the business key, a part a column, names resolved: {"area": 17} is a registered thing';
COMMENT ON COLUMN ledger.claim.sent IS '解析前的主键（含名称时）/ the key before its names were resolved, where it has names';
COMMENT ON COLUMN ledger.claim.source_at IS '来源时间（按优先次序计）/ the source''s time as it counts for precedence';

-- What a full snapshot can speak of: what it does not mention there is absent.
CREATE TABLE ledger.scope (
    delivery_id bigint NOT NULL REFERENCES ledger.delivery ON DELETE CASCADE,
    target      text NOT NULL,
    scope       jsonb NOT NULL,
    things      int NOT NULL,
    min_share   double precision NOT NULL,
    holds_from  date NOT NULL,
    closes      boolean NOT NULL,
    PRIMARY KEY (delivery_id, target, scope)
);
COMMENT ON TABLE ledger.scope IS '全量快照的范围：其中未提及者即不存在 / what a full snapshot speaks of: what it does not mention there is absent';
COMMENT ON COLUMN ledger.scope.closes IS
    '主键是否都读得出；否则不据缺失关闭 / whether every row said what it is about; if not, nothing is absent';
COMMENT ON COLUMN ledger.scope.min_share IS
    '少于最全快照的这一比例即不算快照 / with fewer things than this share of the fullest snapshot of the scope, it is none';

ALTER TABLE ledger.contract ADD COLUMN by_source_time boolean NOT NULL DEFAULT false;
ALTER TABLE ledger.contract ADD COLUMN mode text NOT NULL DEFAULT 'delta';
COMMENT ON COLUMN ledger.contract.mode IS '数据源的方式 / mode of the feed: full, delta, window';
COMMENT ON COLUMN ledger.contract.by_source_time IS '是否有来源时间字段 / whether the feed gives a source time';

-- Rows that a delivery told of again, where no claim is kept of each row: hashes of key and source time.
CREATE TABLE ledger.confirmed (
    delivery_id bigint PRIMARY KEY REFERENCES ledger.delivery ON DELETE CASCADE,
    keys        bigint[] NOT NULL
);
COMMENT ON TABLE ledger.confirmed IS '批次再次报送而未变的行（主键与来源时间的散列）/ rows that a delivery repeated unchanged';

-- Names that a register gives to its things. What each stands for is decided anew whenever one is told.
CREATE TABLE ledger.alias (
    registry    text NOT NULL,
    alias       text NOT NULL,
    thing_id    text NOT NULL,
    delivery_id bigint NOT NULL REFERENCES ledger.delivery ON DELETE CASCADE,
    PRIMARY KEY (registry, alias, thing_id, delivery_id)
);
COMMENT ON TABLE ledger.alias IS '登记的别名、所属对象及出处 / names that registers give to their things, and which register does';

ALTER TABLE ledger.quarantine ADD COLUMN key jsonb;
ALTER TABLE ledger.quarantine ADD COLUMN readable jsonb;
COMMENT ON COLUMN ledger.quarantine.readable IS
    '读得出且无误的值；主键读不出的行凭此认出其更正 / the values that no rule objects to: by them the repair of a row without a readable key is known';
COMMENT ON COLUMN ledger.quarantine.key IS '可识别的主键（已解析）；无法识别为空 / the key, names resolved; NULL if it cannot be read';

ALTER TABLE ledger.delivery ADD COLUMN superseded bigint NOT NULL DEFAULT 0 CHECK (superseded >= 0);
COMMENT ON COLUMN ledger.delivery.superseded IS '被更高优先次序的说法取代的行 / rows that higher claims outrank';
DO $$
DECLARE c text;
BEGIN
    SELECT conname INTO c FROM pg_constraint
     WHERE conrelid = 'ledger.delivery'::regclass AND pg_get_constraintdef(oid) LIKE '%totals_dropped)%' AND pg_get_constraintdef(oid) LIKE '%rows =%';
    EXECUTE format('ALTER TABLE ledger.delivery DROP CONSTRAINT %I', c);
END $$;
ALTER TABLE ledger.delivery ADD CONSTRAINT delivery_adds_up
    CHECK (state <> 'loaded'
           OR rows = loaded + unchanged + superseded + duplicate + retracted + quarantined + totals_dropped);
COMMENT ON COLUMN ledger.delivery.rows IS '= loaded + unchanged + superseded + duplicate + retracted + quarantined + totals_dropped';

-- The values of claims: one table a target, as the load queries gave them. `<column>_id` is what a key was resolved from.
CREATE SCHEMA claim;
COMMENT ON SCHEMA claim IS '各批次说法的取值 / the values of claims, believed or not';

CREATE PROCEDURE ledger.create_claims(target_name text) LANGUAGE plpgsql AS $$
DECLARE
    t ledger.target;
    cols text;
    ids text;
BEGIN
    SELECT * INTO t FROM ledger.target WHERE target = target_name;
    SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
                      || CASE WHEN a.attcollation = 'pg_catalog."C"'::regcollation THEN ' COLLATE "C"' ELSE '' END, ', ' ORDER BY a.attnum)
      INTO cols
      FROM pg_attribute AS a
     WHERE a.attrelid = format('star.%I', target_name)::regclass AND a.attname = ANY (t.columns || '{valid_from}'::text[]);
    SELECT coalesce(string_agg(format(', %I text', k || '_id'), '' ORDER BY k), '') INTO ids FROM jsonb_object_keys(t.refs) AS k;
    EXECUTE format('CREATE TABLE claim.%I (%s%s, scope jsonb NOT NULL,'
                   ' delivery_id bigint NOT NULL REFERENCES ledger.delivery ON DELETE CASCADE, row_no int)', target_name, cols, ids);
    EXECUTE format('CREATE INDEX ON claim.%I (delivery_id, row_no)', target_name);
    EXECUTE format('CREATE INDEX ON claim.%I (%s)', target_name,
                   (SELECT string_agg(quote_ident(k), ', ') FROM unnest(t.business_key) AS k));
END $$;

DO $$
DECLARE t text;
BEGIN
    FOR t IN SELECT target FROM ledger.target ORDER BY target LOOP
        CALL ledger.create_claims(t);
    END LOOP;
END $$;
