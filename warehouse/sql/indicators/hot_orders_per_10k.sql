-- 万人诉求比 / demands per 10,000 residents (not stated in the plan).
-- 计法：考核月内未剔除的每个案件计10000（跨镇街的只计一次），除以各镇街最近一年常住人口之和。
-- Counted: each case of the assessment month that is not excluded counts 10,000 above (one of two towns once); the residents of the towns in the latest year known are below.
-- One row per case of the month, in one town only, and one per town with its residents of the latest year known;
-- a case of no known town counts above all the same, one of a town without residents does not.
WITH area AS (
    SELECT area_key, area_name, CASE WHEN area_level IN ('community', 'village') THEN parent_area_key ELSE area_key END AS town_key,
           area_level = 'district' AS is_district
      FROM dim_area
     WHERE known_from <= :known_at AND :known_at < known_to
       AND valid_from <= :valid_on AND :valid_on < valid_to
), case_at AS (
    -- Orders of one case in two towns are one demand: that of the town whose unit handles it first, a known one before none.
    SELECT DISTINCT ON (coalesce(o.case_id, o.order_id))
           CASE WHEN a.is_district THEN -1 ELSE coalesce(a.town_key, -1) END AS town_key,
           o.order_id, o.delivery_id, o.row_no
      FROM fact_work_order o
      LEFT JOIN area a USING (area_key)
     WHERE o.known_from <= :known_at AND :known_at < o.known_to
       AND o.opened_at >= CAST(:month_from AS timestamp) AT TIME ZONE INTERVAL '8 hours'
       AND o.opened_at < CAST(:month_to AS timestamp) AT TIME ZONE INTERVAL '8 hours'
       AND NOT coalesce(o.is_excluded, false)
     ORDER BY coalesce(o.case_id, o.order_id), coalesce(a.is_district OR a.town_key IS NULL, true),
              o.handling_role IS DISTINCT FROM '主办', o.opened_at, o.order_id
), people AS (
    SELECT DISTINCT ON (p.area_key) p.area_key AS town_key, p.residents, p.delivery_id, p.row_no
      FROM fact_population_year p
      JOIN area a ON a.area_key = p.area_key AND a.town_key = a.area_key AND NOT a.is_district
     WHERE p.known_from <= :known_at AND :known_at < p.known_to
       AND p.year <= date_part('year', CAST(:as_of AS date))
     ORDER BY p.area_key, p.year DESC
)
SELECT c.town_key AS area_key,
       c.order_id AS entity,
       CASE WHEN p.town_key IS NOT NULL OR c.town_key = -1 THEN CAST(10000 AS double precision) END AS numerator,
       CAST(0 AS double precision) AS denominator,
       ARRAY[c.delivery_id] AS delivery_ids,
       ARRAY[c.row_no] AS row_nos
  FROM case_at c
  LEFT JOIN people p USING (town_key)
UNION ALL
SELECT p.town_key,
       a.area_name,
       CAST(0 AS double precision),
       CAST(coalesce(p.residents, 0) AS double precision),
       ARRAY[p.delivery_id],
       ARRAY[p.row_no]
  FROM people p
  LEFT JOIN area a ON a.area_key = p.town_key
