-- “五个一”捐助站点覆盖 / donation sites — “推进‘五个一’社区规范捐助站点全覆盖”, an aim, not a result.
-- 计法：评估日区划登记中的每个社区，分母计1；当日已设捐助站点的，分子计1。
-- Counted: each community of the register on the day counts one below; one that has a donation site by then counts one above.
-- One row per community of the register on the day, covered or not: rows with numerator 0 are the gap list.
SELECT a.area_key,
       concat_ws(' ', a.area_code, a.area_name) AS entity,
       CAST(CASE WHEN f.donation_site_on <= :as_of THEN 1 ELSE 0 END AS double precision) AS numerator,
       CAST(1 AS double precision) AS denominator,
       CASE WHEN f.delivery_id IS NULL THEN ARRAY[a.delivery_id] ELSE ARRAY[a.delivery_id, f.delivery_id] END AS delivery_ids,
       CASE WHEN f.delivery_id IS NULL THEN ARRAY[a.row_no] ELSE ARRAY[a.row_no, f.row_no] END AS row_nos
  FROM dim_area a
  LEFT JOIN fact_community_coverage f
    ON f.area_key = a.area_key AND f.known_from <= :known_at AND :known_at < f.known_to
 WHERE a.known_from <= :known_at AND :known_at < a.known_to
   AND a.valid_from <= :valid_on AND :valid_on < a.valid_to
   AND a.area_level = 'community'
   AND (cardinality(CAST(:urban_classes AS text[])) = 0
        OR a.urban_rural_class = ANY (CAST(:urban_classes AS text[]))
        OR (a.urban_rural_class IS NULL AND :count_unknown_class))
