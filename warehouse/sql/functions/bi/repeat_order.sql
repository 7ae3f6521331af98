-- Repeats need the caller's token, which no view shows. Same caller, place and category within some
-- days; orders of one case are one demand; an unknown place or category is never the same one.
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
COMMENT ON FUNCTION bi.repeat_order(date, date, int) IS
    '区间 [from_on, to_on) 内的重复诉求：同一来电人、地点、分类，within_days 日内 / repeat demands, without the caller';
