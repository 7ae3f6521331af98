-- 万人诉求比 / demands per 10,000 residents (not stated in the plan).
-- One row per town: its cases of the month, each in one town only, times 10,000 over its residents of the latest year known;
-- demands of no known town have a row of their own without residents, towns without residents have no numerator.
WITH area AS (
    SELECT area_key, area_name, CASE WHEN area_level IN ('community', 'village') THEN parent_area_key ELSE area_key END AS town_key,
           area_level = 'district' AS is_district
      FROM dim_area
     WHERE known_from <= :known_at AND :known_at < known_to
       AND valid_from <= :valid_on AND :valid_on < valid_to
), case_at AS (
    -- Orders of one case in two towns are one demand: that of the town whose unit handles it first, a known one before none.
    SELECT DISTINCT ON (coalesce(o.case_id, o.order_id))
           CASE WHEN a.is_district THEN -1 ELSE coalesce(a.town_key, -1) END AS town_key
      FROM fact_work_order o
      LEFT JOIN area a USING (area_key)
     WHERE o.known_from <= :known_at AND :known_at < o.known_to
       AND o.opened_at >= CAST(:month_from AS timestamp) AT TIME ZONE INTERVAL '8 hours'
       AND o.opened_at < CAST(:month_to AS timestamp) AT TIME ZONE INTERVAL '8 hours'
       AND NOT coalesce(o.is_excluded, false)
     ORDER BY coalesce(o.case_id, o.order_id), coalesce(a.is_district OR a.town_key IS NULL, true),
              o.handling_role IS DISTINCT FROM '主办', o.opened_at, o.order_id
), demand AS (
    SELECT town_key, count(*) AS cases FROM case_at GROUP BY town_key
), people AS (
    SELECT DISTINCT ON (p.area_key) p.area_key AS town_key, p.residents, p.delivery_id, p.row_no
      FROM fact_population_year p
      JOIN area a ON a.area_key = p.area_key AND a.town_key = a.area_key AND NOT a.is_district
     WHERE p.known_from <= :known_at AND :known_at < p.known_to
       AND p.year <= date_part('year', CAST(:as_of AS date))
     ORDER BY p.area_key, p.year DESC
), met AS (
    SELECT town_key, d.cases, p.residents, p.delivery_id, p.row_no, p.town_key IS NOT NULL AS has_people
      FROM demand d FULL JOIN people p USING (town_key)
)
SELECT m.town_key AS area_key,
       coalesce(a.area_name, '未知镇街') AS entity,
       CASE WHEN m.has_people OR m.town_key = -1
            THEN CAST(coalesce(m.cases, 0) * 10000.0 AS double precision) END AS numerator,
       CAST(coalesce(m.residents, 0) AS double precision) AS denominator,
       CASE WHEN m.has_people THEN ARRAY[m.delivery_id] ELSE CAST('{}' AS bigint[]) END AS delivery_ids,
       CASE WHEN m.has_people THEN ARRAY[m.row_no] ELSE CAST('{}' AS int[]) END AS row_nos
  FROM met m
  LEFT JOIN area a ON a.area_key = m.town_key
