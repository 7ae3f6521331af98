-- Quick reading of millions of orders: names by key, repeats, statistics of unfilled vocabularies.

-- A vocabulary that no file has filled yet has no statistics: PostgreSQL takes it for 200 words, and does not
-- count in parallel for fear of so many groups.
ALTER TABLE star.fact_work_order
    ALTER handling_role SET (n_distinct = 3), ALTER order_type SET (n_distinct = 6), ALTER urgency SET (n_distinct = 3),
    ALTER livelihood SET (n_distinct = 12), ALTER resolution SET (n_distinct = 3), ALTER satisfaction SET (n_distinct = 4);

-- What bi.work_order calls its keys: millions of orders are counted by key first and named afterwards.
CREATE VIEW bi.category AS
SELECT r.category_key, CASE WHEN c.category_key IS NULL THEN label.unknown(r.category_key) ELSE c.category_1 END AS category_1,
       c.category_2, c.category_3
  FROM registry.category r
  LEFT JOIN label.category_now c ON c.category_key = r.category_key;
COMMENT ON VIEW bi.category IS '诉求分类：每个内部键一行 / categories of orders, one row per key';

CREATE VIEW bi.unit AS
SELECT r.unit_key, coalesce(u.unit_name, label.unknown(r.unit_key)) AS unit_name, u.unit_kind
  FROM registry.unit r
  LEFT JOIN label.unit_now u ON u.unit_key = r.unit_key;
COMMENT ON VIEW bi.unit IS '承办单位：每个内部键一行 / handling units, one row per key';

-- One name has one meaning: the columns say what those of bi.work_order say.
DO $$
DECLARE c record;
BEGIN
    FOR c IN
        SELECT v.attrelid::regclass AS view, v.attname AS name, col_description(w.attrelid, w.attnum) AS text
          FROM pg_attribute v
          JOIN pg_attribute w ON w.attname = v.attname AND w.attrelid = 'bi.work_order'::regclass
         WHERE v.attrelid IN ('bi.category'::regclass, 'bi.unit'::regclass) AND v.attnum > 0
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', c.view, c.name, c.text);
    END LOOP;
END $$;

GRANT SELECT ON bi.category, bi.unit TO minsheng_reader;
GRANT CREATE ON SCHEMA bi TO minsheng_bi_owner;
ALTER VIEW bi.category OWNER TO minsheng_bi_owner;
ALTER VIEW bi.unit OWNER TO minsheng_bi_owner;
REVOKE CREATE ON SCHEMA bi FROM minsheng_bi_owner;

-- As in 0004, but it sorts less.
CREATE OR REPLACE FUNCTION bi.repeat_order(from_on date, to_on date, within_days int DEFAULT 30)
RETURNS TABLE (order_id text, opened_at timestamptz, previous_order_id text, previous_opened_at timestamptz,
               area_key int, category_key int)
STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp LANGUAGE sql AS $$
    WITH demand AS (
        SELECT DISTINCT ON (coalesce(w.case_id, w.order_id))
               w.order_id, w.opened_at, w.caller_token, w.area_key, w.category_key
          FROM star.fact_work_order w
         WHERE w.opened_at >= ($1 - $3)::timestamp AT TIME ZONE INTERVAL '8 hours'
           AND w.opened_at < $2::timestamp AT TIME ZONE INTERVAL '8 hours'
           AND w.caller_token IS NOT NULL AND w.area_key > 0 AND w.category_key > 0
         ORDER BY coalesce(w.case_id, w.order_id), w.opened_at, w.order_id
    ), again AS (
        -- Few call twice; only theirs have to be sorted.
        SELECT caller_token, area_key, category_key FROM demand
         GROUP BY caller_token, area_key, category_key HAVING count(*) > 1
    ), chain AS (
        SELECT d.order_id, d.opened_at, lag(d.order_id) OVER c AS previous_order_id,
               lag(d.opened_at) OVER c AS previous_opened_at, d.area_key, d.category_key
          FROM demand d JOIN again USING (caller_token, area_key, category_key)
        WINDOW c AS (PARTITION BY d.caller_token, d.area_key, d.category_key ORDER BY d.opened_at, d.order_id)
    )
    SELECT * FROM chain
     WHERE chain.opened_at >= $1::timestamp AT TIME ZONE INTERVAL '8 hours'
       AND chain.opened_at - chain.previous_opened_at <= make_interval(days => $3)
$$;
