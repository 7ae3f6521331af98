-- 重复诉求率 / repeat-request rate (not stated in the plan): same caller, place and category again within some days.
-- 计法：考核月内有来电人、地点和分类的每个案件，分母计1；同一人同地同类在规定日数内曾来电的，分子计1。
-- Counted: each case of the assessment month with caller, place and category counts one below; one with the same three within so many days before counts one above.
-- One row per demand of the month with a caller and a known place and category; orders of one case are one demand.
WITH demand AS (
    SELECT DISTINCT ON (coalesce(o.case_id, o.order_id))
           o.order_id, o.opened_at, o.area_key, o.category_key, o.caller_token, o.delivery_id, o.row_no
      FROM fact_work_order o
     WHERE o.known_from <= :known_at AND :known_at < o.known_to
       AND o.opened_at >= (CAST(:month_from AS timestamp) - make_interval(days => :within_days)) AT TIME ZONE INTERVAL '8 hours'
       AND o.opened_at < CAST(:month_to AS timestamp) AT TIME ZONE INTERVAL '8 hours'
       AND NOT coalesce(o.is_excluded, false)
       AND o.caller_token IS NOT NULL AND o.area_key > 0 AND o.category_key > 0
     ORDER BY coalesce(o.case_id, o.order_id), o.opened_at, o.order_id
), chain AS (
    SELECT d.*,
           d.opened_at - lag(d.opened_at) OVER again <= make_interval(days => :within_days) AS is_repeat,
           lag(d.delivery_id) OVER again AS earlier_delivery,
           lag(d.row_no) OVER again AS earlier_row
      FROM demand d
    WINDOW again AS (PARTITION BY caller_token, area_key, category_key ORDER BY opened_at, order_id)
)
SELECT area_key,
       order_id AS entity,
       CAST(CASE WHEN is_repeat THEN 1 ELSE 0 END AS double precision) AS numerator,
       CAST(1 AS double precision) AS denominator,
       CASE WHEN is_repeat THEN ARRAY[delivery_id, earlier_delivery] ELSE ARRAY[delivery_id] END AS delivery_ids,
       CASE WHEN is_repeat THEN ARRAY[row_no, earlier_row] ELSE ARRAY[row_no] END AS row_nos
  FROM chain
 WHERE opened_at >= CAST(:month_from AS timestamp) AT TIME ZONE INTERVAL '8 hours'
