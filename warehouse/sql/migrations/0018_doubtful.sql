-- What quarantined rows would have said, as far as they can be read: figures are shown with the bounds that follow
-- (docs/indicators.md). A doubtful row is a way in which one quarantined row may be read; its number, negative, stands
-- where a row of the star has its row in the file. What cannot be read has a stand-in: a code each code of its list, a day
-- -infinity, which reads as the day that is asked for (within the period
-- of its delivery; of a snapshot, up to its end); anything else is NULL.
CREATE SCHEMA doubtful;
COMMENT ON SCHEMA doubtful IS '存疑行：被隔离的行在可读范围内的内容 / what quarantined rows would have said, as far as they can be read';
CREATE SCHEMA possible;
COMMENT ON SCHEMA possible IS
    '同 known，但未结的存疑行视为已计入 / as known, but as if the doubtful rows that are open then had been believed';

CREATE TABLE ledger.doubtful (
    doubtful_id bigint GENERATED ALWAYS AS IDENTITY (START WITH 1000) PRIMARY KEY,
    delivery_id bigint NOT NULL REFERENCES ledger.delivery ON DELETE CASCADE,
    row_no      int NOT NULL,
    unread      text[] NOT NULL
);
CREATE INDEX ON ledger.doubtful (delivery_id, row_no);
COMMENT ON TABLE ledger.doubtful IS '存疑行：每个隔离条目的可能读法 / doubtful rows: ways in which a quarantine entry may be read';
COMMENT ON COLUMN ledger.doubtful.unread IS '读不出、以替代值表示的字段 / fields that cannot be read';

-- The day that stands for one that cannot be read: the one that is asked for, or the nearest that its delivery tells of.
CREATE FUNCTION ledger.asked_day(first_on date, last_on date) RETURNS date STABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT greatest(first_on, least(last_on, CAST(coalesce(nullif(current_setting('minsheng.asked_day', true), ''), CAST(CURRENT_DATE AS text)) AS date)))
$$;

-- When each entry was open, as known: as of ledger.is_open, for all commits at once.
CREATE VIEW ledger.open_entry AS
WITH closing AS (
    SELECT q.delivery_id, q.row_no, int8range(r.seq, NULL) AS closed
      FROM ledger.quarantine AS q JOIN ledger.delivery AS r ON r.delivery_id = q.resolved_by
     WHERE r.seq IS NOT NULL
     UNION ALL
    SELECT o.delivery_id, o.row_no, int8range(r.seq, r.withdrawn_seq)
      FROM ledger.reopened AS o JOIN ledger.delivery AS r ON r.delivery_id = o.closed_by
     WHERE r.seq IS NOT NULL
), closed AS (
    SELECT delivery_id, row_no, range_agg(closed) AS closed FROM closing GROUP BY delivery_id, row_no
)
SELECT q.delivery_id, q.row_no, q.feed, coalesce(q.key, jsonb_build_array('#row', q.delivery_id, q.row_no)) AS unit,
       lower(span) AS known_from, coalesce(upper(span), 9223372036854775807) AS known_to
  FROM ledger.quarantine AS q
  JOIN ledger.delivery AS d ON d.delivery_id = q.delivery_id
  LEFT JOIN closed AS c ON c.delivery_id = q.delivery_id AND c.row_no = q.row_no
 CROSS JOIN LATERAL unnest(int8multirange(int8range(d.seq, d.withdrawn_seq)) - coalesce(c.closed, '{}')) AS span
 WHERE d.seq IS NOT NULL;
COMMENT ON VIEW ledger.open_entry IS '隔离条目未结的时段（按提交） / the commits between which each quarantine entry was open';

CREATE PROCEDURE ledger.create_doubtful(target_name text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE doubtful.%1$I (LIKE claim.%1$I INCLUDING INDEXES INCLUDING DEFAULTS)', target_name);
    EXECUTE format('ALTER TABLE doubtful.%1$I ADD FOREIGN KEY (delivery_id) REFERENCES ledger.delivery ON DELETE CASCADE', target_name);
END $$;

-- Makes the views of a table's doubtful rows that are open (`possible.of_<table>`), and the table as if they
-- had been believed. A doubtful row takes the place of what is
-- believed under its key. It speaks until a later snapshot of its feed does: of facts for what is known from then on, of
-- dimensions for the days from the snapshot's on.
CREATE PROCEDURE ledger.create_possible(target_name text) LANGUAGE plpgsql AS $$
DECLARE
    t ledger.target;
    read text;       -- the same of a doubtful row, keys resolved and stand-ins read
    joins text;
    same_key text;
BEGIN
    SELECT * INTO t FROM ledger.target WHERE target = target_name;
    SELECT string_agg(
               CASE WHEN t.refs ? c THEN format('coalesce(r_%1$s.%2$I, CASE WHEN x.%3$I = -1 AND x.%4$I IS NOT NULL THEN x.row_no::int ELSE x.%3$I END) AS %3$I',
                                                n, (t.refs ->> c) || '_key', c, c || '_id')
                    WHEN k.kind = 'date' THEN format('CASE WHEN x.%1$I = ''-infinity'' THEN ledger.asked_day(x.first_on, x.period_end) ELSE x.%1$I END AS %1$I', c)
                    WHEN k.kind LIKE 'timestamp%' THEN
                        format('CASE WHEN x.%1$I = ''-infinity'' THEN CAST(ledger.asked_day(x.first_on, x.period_end) AS timestamp) AT TIME ZONE INTERVAL ''8 hours'' ELSE x.%1$I END AS %1$I', c)
                    ELSE format('x.%I', c) END, ', ' ORDER BY n),
           string_agg(format('LEFT JOIN registry.%1$I AS r_%2$s ON r_%2$s.%3$I = x.%4$I', t.refs ->> c, n, (t.refs ->> c) || '_id', c || '_id'), ' ')
               FILTER (WHERE t.refs ? c)
      INTO read, joins
      FROM unnest(t.columns) WITH ORDINALITY AS u (c, n)
     CROSS JOIN LATERAL (SELECT format_type(a.atttypid, a.atttypmod) AS kind FROM pg_attribute AS a
                          WHERE a.attrelid = format('star.%I', target_name)::regclass AND a.attname = c) AS k;
    SELECT string_agg(format('k.%1$I = x.%1$I', k), ' AND ') INTO same_key FROM unnest(t.business_key) AS k;
    EXECUTE format($f$
        CREATE OR REPLACE VIEW possible.%4$I AS
        WITH open AS MATERIALIZED (
            SELECT x.*, o.known_from, o.known_to, d.feed, d.period_end, CASE WHEN d.mode = 'full' THEN '-infinity' ELSE d.period_start END AS first_on
              FROM doubtful.%3$I AS x
              JOIN ledger.doubtful AS n ON n.doubtful_id = -x.row_no
              JOIN ledger.open_entry AS o ON o.delivery_id = n.delivery_id AND o.row_no = n.row_no
              JOIN ledger.delivery AS d ON d.delivery_id = n.delivery_id
        )
    $f$ || CASE t.kind WHEN 'dimension' THEN $f$
        -- Within what is known, each later snapshot may end the days sooner.
        SELECT %1$s, x.valid_from, s.valid_to, greatest(x.known_from, s.known_from) AS known_from, least(x.known_to, s.known_to) AS known_to,
               x.delivery_id, x.row_no
          FROM open AS x %2$s
         CROSS JOIN LATERAL (
               SELECT min(e.holds_from) OVER (ORDER BY e.seq, e.holds_from) AS valid_to, e.seq AS known_from,
                      coalesce(lead(e.seq) OVER (ORDER BY e.seq, e.holds_from), 9223372036854775807) AS known_to
                 FROM (SELECT CAST(0 AS bigint) AS seq, CAST('infinity' AS date) AS holds_from
                        UNION ALL
                       SELECT l.seq, p.holds_from FROM ledger.scope AS p JOIN ledger.delivery AS l USING (delivery_id)
                        WHERE p.target = %3$L AND l.feed = x.feed AND l.state = 'loaded' AND p.scope = x.scope
                          AND p.holds_from > x.valid_from AND l.delivery_id <> x.delivery_id) AS e) AS s
         WHERE greatest(x.known_from, s.known_from) < least(x.known_to, s.known_to)
    $f$ ELSE $f$
        SELECT %1$s, x.known_from, least(x.known_to, s.seq) AS known_to, x.delivery_id, x.row_no
          FROM open AS x %2$s
          LEFT JOIN LATERAL (
               SELECT min(l.seq) AS seq FROM ledger.scope AS p JOIN ledger.delivery AS l USING (delivery_id)
                WHERE p.target = %3$L AND l.feed = x.feed AND l.state = 'loaded' AND p.scope = x.scope
                  AND (l.period_end, l.delivery_id) > (x.period_end, x.delivery_id)) AS s ON true
         WHERE x.known_from < least(x.known_to, s.seq)
    $f$ END, read, coalesce(joins, ''), target_name, 'of_' || target_name);
    EXECUTE format(CASE t.kind WHEN 'dimension' THEN $f$
        CREATE OR REPLACE VIEW possible.%1$I AS
        WITH doubt AS MATERIALIZED (
            SELECT * FROM possible.%6$I
        ), cut AS (  -- between two of them the same rows are doubtful
            SELECT %4$s, seq AS known_from, lead(seq) OVER (PARTITION BY %4$s ORDER BY seq) AS known_to
              FROM (SELECT %4$s, known_from AS seq FROM doubt UNION SELECT %4$s, known_to FROM doubt) AS c
        ), doubted AS MATERIALIZED (
            SELECT %7$s, int8range(k.known_from, k.known_to) AS known, range_agg(daterange(x.valid_from, x.valid_to)) AS valid
              FROM cut AS k JOIN doubt AS x ON %3$s AND x.known_from <= k.known_from AND k.known_to <= x.known_to
             GROUP BY %7$s, k.known_from, k.known_to
        )
        SELECT %2$s, k.valid_from, k.valid_to, k.known_from, k.known_to, k.delivery_id, CAST(k.row_no AS bigint) AS row_no
          FROM known.%1$I AS k WHERE NOT EXISTS (SELECT FROM doubted AS x WHERE %3$s)
        UNION ALL
        SELECT %2$s, k.valid_from, k.valid_to, lower(s), coalesce(upper(s), 9223372036854775807), k.delivery_id, k.row_no
          FROM known.%1$I AS k JOIN (SELECT %4$s, range_agg(known) AS known FROM doubted GROUP BY %4$s) AS x ON %3$s
         CROSS JOIN LATERAL unnest(int8multirange(int8range(k.known_from, k.known_to)) - x.known) AS s
        UNION ALL
        SELECT %2$s, lower(v), upper(v), greatest(k.known_from, lower(x.known)), least(k.known_to, upper(x.known)), k.delivery_id, k.row_no
          FROM known.%1$I AS k JOIN doubted AS x ON %3$s AND int8range(k.known_from, k.known_to) && x.known
         CROSS JOIN LATERAL unnest(datemultirange(daterange(k.valid_from, k.valid_to)) - x.valid) AS v
        UNION ALL
        SELECT %5$s, x.valid_from, x.valid_to, x.known_from, x.known_to, x.delivery_id, x.row_no FROM doubt AS x
    $f$ ELSE $f$
        CREATE OR REPLACE VIEW possible.%1$I AS
        WITH doubted AS MATERIALIZED (
            SELECT %4$s, range_agg(int8range(known_from, known_to)) AS known FROM possible.%6$I GROUP BY %4$s
        )
        SELECT %2$s, k.known_from, k.known_to, k.delivery_id, CAST(k.row_no AS bigint) AS row_no
          FROM known.%1$I AS k WHERE NOT EXISTS (SELECT FROM doubted AS x WHERE %3$s)
        UNION ALL
        SELECT %2$s, lower(s), upper(s), k.delivery_id, k.row_no
          FROM known.%1$I AS k JOIN doubted AS x ON %3$s
         CROSS JOIN LATERAL unnest(int8multirange(int8range(k.known_from, k.known_to)) - x.known) AS s
        UNION ALL
        SELECT %5$s, x.known_from, x.known_to, x.delivery_id, x.row_no FROM possible.%6$I AS x
    $f$ END,
        target_name,
        (SELECT string_agg('k.' || quote_ident(c), ', ' ORDER BY n) FROM unnest(t.columns) WITH ORDINALITY AS u (c, n)),
        same_key,
        (SELECT string_agg(quote_ident(c), ', ') FROM unnest(t.business_key) AS c),
        (SELECT string_agg('x.' || quote_ident(c), ', ' ORDER BY n) FROM unnest(t.columns) WITH ORDINALITY AS u (c, n)),
        'of_' || target_name,
        (SELECT string_agg('k.' || quote_ident(c), ', ') FROM unnest(t.business_key) AS c));
END $$;

-- A new table of the star gets them with its claims.
ALTER PROCEDURE ledger.create_claims RENAME TO create_claim_table;
CREATE PROCEDURE ledger.create_claims(target_name text) LANGUAGE plpgsql AS $$
BEGIN
    CALL ledger.create_claim_table(target_name);
    CALL ledger.create_doubtful(target_name);
    CALL ledger.create_possible(target_name);
END $$;

DO $$
DECLARE t text;
BEGIN
    FOR t IN SELECT target FROM ledger.target ORDER BY target LOOP
        CALL ledger.create_doubtful(t);
        CALL ledger.create_possible(t);
    END LOOP;
END $$;

ALTER TABLE star.fact_indicator_value ADD COLUMN low double precision;
ALTER TABLE star.fact_indicator_value ADD COLUMN high double precision;
ALTER TABLE star.fact_indicator_value ADD COLUMN open_ends text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN star.fact_indicator_value.low IS '隔离行计入与否的下限 / lowest value that the quarantined rows allow';
COMMENT ON COLUMN star.fact_indicator_value.high IS '隔离行计入与否的上限 / highest value that the quarantined rows allow';
COMMENT ON COLUMN star.fact_indicator_value.open_ends IS '不定的一端：low、high / ends that cannot be told';
-- The formula files name their tables without a schema since then, and count what they counted: a digest of the text
-- before is no digest of another rule.
UPDATE star.fact_indicator_value SET definition_hash = NULL;
