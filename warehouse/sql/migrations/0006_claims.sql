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

CREATE FUNCTION ledger.rank_of(is_row boolean, source_at timestamptz, is_periodic boolean, d ledger.delivery)
RETURNS ledger.rank IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT ROW(is_row, source_at,
               CASE WHEN is_periodic THEN '-infinity' ELSE d.period_end END,
               CASE WHEN is_periodic THEN '-infinity' ELSE d.period_start END,
               d.mode IN ('correction', 'retraction'), d.period_end, d.period_start, d.delivery_id)::ledger.rank
$$;

CREATE FUNCTION ledger.end_of_period(d ledger.delivery) RETURNS timestamptz IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT (d.period_end + 1)::timestamp AT TIME ZONE INTERVAL '8 hours'
$$;

-- The source's own time as it counts: acts that give none speak as of the end of their period.
CREATE FUNCTION ledger.source_time(source_at timestamptz, d ledger.delivery)
RETURNS timestamptz STABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT CASE WHEN source_at <= d.received_at THEN source_at
                WHEN source_at IS NULL AND d.mode IN ('correction', 'retraction') THEN ledger.end_of_period(d)
                ELSE '-infinity' END
$$;

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

CREATE FUNCTION ledger.snapshots(of_target text, is_periodic boolean)
RETURNS TABLE (delivery_id bigint, feed text, scope jsonb, holds_from date, rank ledger.rank)
STABLE LANGUAGE sql AS $$
    SELECT s.delivery_id, s.feed, s.scope, s.holds_from, s.rank
      FROM (SELECT s.delivery_id, d.feed, s.scope, s.holds_from, s.things, s.min_share, s.closes,
                   max(s.things) OVER (PARTITION BY d.feed, s.scope) AS fullest,
                   ledger.rank_of(true, CASE WHEN c.by_source_time THEN ledger.end_of_period(d) ELSE '-infinity' END,
                                  is_periodic, d) AS rank
              FROM ledger.scope AS s
              JOIN ledger.delivery AS d USING (delivery_id)
              LEFT JOIN ledger.contract AS c ON c.contract_hash = d.contract_hash
             WHERE s.target = of_target) AS s
     WHERE s.closes AND s.things >= s.min_share * s.fullest
$$;
COMMENT ON FUNCTION ledger.snapshots IS '有效的全量快照 / the snapshots from which absence follows';

-- Whether a feed fills a fact whose rows have a month or year of their own.
CREATE FUNCTION ledger.is_periodic(c ledger.contract) RETURNS boolean STABLE LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM ledger.target AS t
                    WHERE t.business_key && '{month,year}' AND c.load_sql ~ ('--\s*target:\s*' || t.target || '\s'))
$$;

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

-- A key with the names in it resolved: {"area": "旧宫镇"} becomes {"area": 17} once the name is known.
CREATE FUNCTION ledger.resolve(sent jsonb) RETURNS jsonb STABLE LANGUAGE plpgsql AS $$
DECLARE
    part jsonb;
    thing text;
    found int;
    made jsonb := '[]';
BEGIN
    FOR part IN SELECT value FROM jsonb_array_elements(sent) WITH ORDINALITY ORDER BY ordinality LOOP
        IF jsonb_typeof(part) = 'object' THEN
            SELECT k INTO thing FROM jsonb_object_keys(part) AS k;
            EXECUTE format('SELECT %I FROM registry.%I WHERE %I = $1', thing || '_key', thing, thing || '_id')
               INTO found USING part ->> thing;
            part := jsonb_build_object(thing, coalesce(to_jsonb(found), part -> thing));
        END IF;
        made := made || jsonb_build_array(part);
    END LOOP;
    RETURN made;
END $$;

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

-- A commit's time is when it could be seen: it is taken under a lock that is given back when the commit is visible,
-- and who asks what was known waits for that lock. So what was known at a moment never changes afterwards.
CREATE OR REPLACE PROCEDURE ledger.commit_in_order(s bigint, delivery bigint) LANGUAGE plpgsql AS $$
DECLARE earlier int;
BEGIN
    FOR earlier IN
        SELECT objid::bigint::int FROM pg_locks
        WHERE locktype = 'advisory' AND classid = 8102 AND objsubid = 2
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND mode = 'ExclusiveLock' AND granted AND objid::bigint < s
        ORDER BY 1
    LOOP
        PERFORM pg_advisory_xact_lock_shared(8102, earlier);
    END LOOP;
    PERFORM pg_advisory_xact_lock(8106, 0);
    INSERT INTO ledger.commit (seq, at, delivery_id)
    SELECT s, greatest(clock_timestamp(), max(at) + interval '1 microsecond'), delivery FROM ledger.commit;
END $$;

CREATE OR REPLACE FUNCTION ledger.known_at(moment timestamptz) RETURNS bigint VOLATILE LANGUAGE plpgsql AS $$
DECLARE found bigint;
BEGIN
    PERFORM pg_advisory_lock_shared(8106, 0);
    SELECT coalesce(max(seq), 0) INTO found FROM ledger.commit WHERE at <= moment;
    PERFORM pg_advisory_unlock_shared(8106, 0);
    RETURN found;
END $$;

-- The forms in which a place's name is written: with and without what kind of office it is, below its district or not.
CREATE FUNCTION star.forms_of_place(place text, districts text[]) RETURNS SETOF text
IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    WITH bare AS (
        SELECT regexp_replace(place, '(人民政府|政府|街道办事处|办事处|街道办)$',
                              CASE WHEN place ~ '街道办(事处)?$' THEN '街道' ELSE '' END) AS name
    ), named AS (
        SELECT place AS name
         UNION SELECT name FROM bare
         UNION SELECT name || office FROM bare, unnest('{人民政府,办事处}'::text[]) AS office
         UNION SELECT regexp_replace(name, '(街道|地区|镇|乡)$', '') FROM bare
                WHERE name ~ '(街道|地区|镇|乡)$' AND length(name) > 3 OR name ~ '..(镇|乡)$'
    )
    SELECT name FROM named WHERE cardinality(districts) = 0 AND name = place
     UNION SELECT name FROM named WHERE cardinality(districts) > 0
     UNION SELECT district || name FROM named, unnest(districts) AS district
$$;
COMMENT ON FUNCTION star.forms_of_place IS
    '地名的各种写法：带或不带机关名、区名 / the forms in which the name of a place is written';
