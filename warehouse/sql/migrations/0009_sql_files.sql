-- Views and functions stand in files of their own (docs/sql.md); which text of each is in force is kept here.
CREATE TABLE ledger.sql_file (
    path       text PRIMARY KEY,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ledger.sql_file IS
    '视图与函数现行文本的摘要 / digests of the files that views, functions, access and column texts were last made from';

-- Makes a table of the star loadable: its history, its known view, its claims, its entry in ledger.target.
-- `roles` names the registry of a key column that is not called after it. A column `<x>_sent` beside `<x>_key` keeps
-- the number of the name that was sent: it belongs to the row as it stands, not to what is said and known of the thing.
CREATE OR REPLACE PROCEDURE ledger.create_target(
    target_name text, target_kind text, key_columns text[], roles jsonb DEFAULT '{}')
LANGUAGE plpgsql AS $$
DECLARE
    own text[];      -- all columns
    kept text[];     -- of which those that keep the name as it was sent
    list text;       -- the others, quoted
    one text;
BEGIN
    SELECT array_agg(attname::text ORDER BY attnum) INTO own FROM pg_attribute
     WHERE attrelid = format('star.%I', target_name)::regclass AND attnum > 0 AND NOT attisdropped;
    SELECT coalesce(array_agg(c ORDER BY n), '{}') INTO kept FROM unnest(own) WITH ORDINALITY AS u (c, n)
     WHERE c LIKE '%\_sent' AND regexp_replace(c, '_sent$', '_key') = ANY (own);
    SELECT string_agg(quote_ident(c), ', ' ORDER BY n) INTO list FROM unnest(own) WITH ORDINALITY AS u (c, n)
     WHERE c <> ALL (kept);
    EXECUTE format('CREATE TABLE history.%1$I (LIKE star.%1$I INCLUDING COMMENTS, known_to bigint NOT NULL,'
                   ' CHECK (known_from < known_to))', target_name);
    FOREACH one IN ARRAY kept LOOP
        EXECUTE format('ALTER TABLE history.%I DROP COLUMN %I', target_name, one);
    END LOOP;
    EXECUTE format('CREATE INDEX ON history.%I (%s)', target_name,
                   (SELECT string_agg(quote_ident(k), ', ' ORDER BY n) FROM unnest(key_columns) WITH ORDINALITY AS u (k, n)));
    -- Unless an index of the table's own holds it already.
    IF NOT EXISTS (SELECT FROM pg_index AS x JOIN pg_attribute AS a
                       ON a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey)
                    WHERE x.indrelid = format('star.%I', target_name)::regclass AND a.attname = 'delivery_id') THEN
        EXECUTE format('CREATE INDEX ON star.%I USING brin (delivery_id)', target_name);
    END IF;
    EXECUTE format('CREATE VIEW known.%1$I AS SELECT %2$s, 9223372036854775807::bigint AS known_to FROM star.%1$I'
                   ' UNION ALL SELECT %2$s, known_to FROM history.%1$I', target_name, list);
    INSERT INTO ledger.target (target, kind, business_key, columns, refs, sent)
    SELECT target_name, target_kind, key_columns,
           array(SELECT c FROM unnest(own) WITH ORDINALITY AS u (c, n)
                  WHERE c <> ALL (kept || '{known_from,delivery_id,row_no,valid_from,valid_to}'::text[]) ORDER BY n),
           coalesce((SELECT jsonb_object_agg(c, coalesce(roles ->> c, regexp_replace(c, '_key$', '')))
                       FROM unnest(own) AS u (c) WHERE c LIKE '%\_key'), '{}'),
           array(SELECT regexp_replace(c, '_sent$', '_key') FROM unnest(kept) WITH ORDINALITY AS u (c, n) ORDER BY n);
    CALL ledger.create_claims(target_name);
END $$;
