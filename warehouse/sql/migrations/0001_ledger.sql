-- The ledger: what arrived, what became of it, and in which order it became known.
-- Every other schema can be rebuilt from the archive and this one.

CREATE SCHEMA ledger;
CREATE SCHEMA stage;       -- one table a delivery, unlogged, dropped when the delivery ends
CREATE SCHEMA restricted;  -- free text, one table a delivery; dropping it is the expiry
CREATE SCHEMA registry;    -- durable integer key of every business thing
CREATE SCHEMA star;        -- as known now
CREATE SCHEMA history;     -- versions that are no longer believed
CREATE SCHEMA known;       -- star and history together, with [known_from, known_to)

CREATE TABLE ledger.archive (
    sha256      text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    bytes       bigint NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    purged_at   timestamptz
);
COMMENT ON TABLE ledger.archive IS '到达文件原件，按内容摘要存放 / received files, stored under their sha256';

CREATE TABLE ledger.contract (
    contract_hash text PRIMARY KEY,
    feed          text NOT NULL,
    version       text NOT NULL,
    contract      text NOT NULL,
    load_sql      text NOT NULL,
    first_used_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ledger.contract IS '曾经用于判定的每一份数据契约 / every contract that ever judged a delivery';

CREATE TABLE ledger.delivery (
    delivery_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed           text,
    department     text,
    mode           text CHECK (mode IN ('full', 'delta', 'window', 'correction', 'retraction')),
    period_start   date,
    period_end     date,
    sha256         text NOT NULL REFERENCES ledger.archive,
    file_name      text NOT NULL,
    member         text,
    received_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    state          text NOT NULL DEFAULT 'received'
        CHECK (state IN ('received', 'staged', 'validated', 'loaded',
                         'duplicate', 'held', 'rejected', 'failed')),
    contract_hash  text REFERENCES ledger.contract,
    content_hash   text,
    supersedes     bigint REFERENCES ledger.delivery,
    released_by    text,
    staged_rows    bigint,
    rows           bigint,
    loaded         bigint,
    unchanged      bigint,
    duplicate      bigint,
    retracted      bigint,
    quarantined    bigint,
    totals_dropped bigint,
    closed         bigint,
    seconds        double precision NOT NULL DEFAULT 0,
    reasons        jsonb NOT NULL DEFAULT '[]',
    seq            bigint,
    updated_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (state <> 'loaded'
           OR rows = loaded + unchanged + duplicate + retracted + quarantined + totals_dropped),
    CHECK (least(rows, loaded, unchanged, duplicate, retracted, quarantined, totals_dropped) >= 0),
    CHECK (state IN ('received', 'rejected', 'failed') OR feed IS NOT NULL)
);
CREATE INDEX ON ledger.delivery (feed, period_end) WHERE state = 'loaded';
CREATE INDEX ON ledger.delivery (department, delivery_id) WHERE state IN ('received', 'staged', 'validated');
CREATE INDEX ON ledger.delivery (sha256);
COMMENT ON TABLE ledger.delivery IS '每一次到达 / every arrival of an extract and what became of it';
COMMENT ON COLUMN ledger.delivery.rows IS '= loaded + unchanged + duplicate + retracted + quarantined + totals_dropped';
COMMENT ON COLUMN ledger.delivery.closed IS '全量快照中消失而关闭的对象数 / things closed because a full snapshot no longer has them';

CREATE TABLE ledger.segment (
    delivery_id  bigint NOT NULL REFERENCES ledger.delivery ON DELETE CASCADE,
    segment_no   int NOT NULL,
    sheet        text,
    first_row_no int NOT NULL,
    row_offset   int NOT NULL,
    rows         int NOT NULL,
    PRIMARY KEY (delivery_id, segment_no)
);
COMMENT ON TABLE ledger.segment IS
    '行号到文件位置：文件行 = row_no + row_offset / where a row stands: row in the sheet = row_no + row_offset';

CREATE TABLE ledger.quarantine (
    delivery_id  bigint NOT NULL REFERENCES ledger.delivery,
    row_no       int NOT NULL,
    feed         text NOT NULL,
    business_key text,
    reasons      jsonb NOT NULL,
    resolved_by  bigint REFERENCES ledger.delivery,
    PRIMARY KEY (delivery_id, row_no)
);
CREATE INDEX ON ledger.quarantine (feed, business_key) WHERE resolved_by IS NULL;
COMMENT ON TABLE ledger.quarantine IS '被隔离的行及全部原因 / rows kept out of the star, with every reason';

CREATE TABLE ledger.commit (
    seq         bigint PRIMARY KEY,
    at          timestamptz NOT NULL,
    delivery_id bigint REFERENCES ledger.delivery
);
CREATE INDEX ON ledger.commit (at);
COMMENT ON TABLE ledger.commit IS '已知时间的序号 / known time: one number a load, in the order in which loads committed';

CREATE TABLE ledger.evaluation (
    evaluation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seq           bigint NOT NULL,
    as_of         date NOT NULL,
    evaluated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (seq, as_of)
);
COMMENT ON TABLE ledger.evaluation IS '已评估到哪一次提交 / which commit has been evaluated';

-- The star's tables say here what the generic loader must know of them.
CREATE TABLE ledger.target (
    target       text PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('dimension', 'fact')),
    business_key text[] NOT NULL,
    columns      text[] NOT NULL,
    refs         jsonb NOT NULL
);
COMMENT ON TABLE ledger.target IS '星型表的装载规则 / how each table of the star is loaded';
COMMENT ON COLUMN ledger.target.refs IS '键列到登记表 / key column -> registry whose id the load query gives';

-- Known time: functions/ledger/reserve_commit.sql.
CREATE SEQUENCE ledger.commit_seq;

-- A registry gives each business thing one integer for ever. Several ids (code, names in use)
-- may stand for one thing. -1: not supplied, -2: invalid; a key without a version: not yet known.
CREATE PROCEDURE ledger.create_registry(thing text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($f$
        CREATE TABLE registry.%1$I (
            %2$I text PRIMARY KEY,
            %3$I int GENERATED BY DEFAULT AS IDENTITY NOT NULL
        );
        CREATE INDEX ON registry.%1$I (%3$I);
        INSERT INTO registry.%1$I VALUES ('#not-supplied', -1), ('#invalid', -2);
    $f$, thing, thing || '_id', thing || '_key');
END $$;

-- Makes a star table loadable: its history, its known view, its entry in ledger.target.
-- `roles` names the registry of a key column that is not called after it.
CREATE PROCEDURE ledger.create_target(
    target_name text, target_kind text, key_columns text[], roles jsonb DEFAULT '{}')
LANGUAGE plpgsql AS $$
DECLARE
    cols text[];
    list text;
    hist_key text;
BEGIN
    SELECT array_agg(attname::text ORDER BY attnum),
           string_agg(quote_ident(attname), ', ' ORDER BY attnum)
      INTO cols, list
      FROM pg_attribute
     WHERE attrelid = ('star.' || quote_ident(target_name))::regclass AND attnum > 0 AND NOT attisdropped;
    EXECUTE format('CREATE TABLE history.%1$I (LIKE star.%1$I INCLUDING COMMENTS, known_to bigint NOT NULL,'
                   ' CHECK (known_from < known_to))', target_name);
    SELECT string_agg(quote_ident(k), ', ') INTO hist_key FROM unnest(key_columns) k;
    EXECUTE format('CREATE INDEX ON history.%I (%s)', target_name, hist_key);
    -- Unless an index of the table's own holds it already.
    IF NOT EXISTS (SELECT FROM pg_index AS x JOIN pg_attribute AS a
                       ON a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey)
                    WHERE x.indrelid = ('star.' || quote_ident(target_name))::regclass AND a.attname = 'delivery_id') THEN
        EXECUTE format('CREATE INDEX ON star.%I USING brin (delivery_id)', target_name);
    END IF;
    EXECUTE format('CREATE VIEW known.%1$I AS SELECT %2$s, 9223372036854775807::bigint AS known_to FROM star.%1$I'
                   ' UNION ALL SELECT %2$s, known_to FROM history.%1$I', target_name, list);
    INSERT INTO ledger.target
    SELECT target_name, target_kind, key_columns,
           array(SELECT c FROM unnest(cols) WITH ORDINALITY u(c, n)
                 WHERE c NOT IN ('known_from', 'delivery_id', 'row_no', 'valid_from', 'valid_to') ORDER BY n),
           coalesce((SELECT jsonb_object_agg(c, coalesce(roles ->> c, regexp_replace(c, '_key$', '')))
                     FROM unnest(cols) c WHERE c LIKE '%\_key'), '{}');
END $$;
