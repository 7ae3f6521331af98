-- 物业管理覆盖率 / property-management coverage — “实现物业管理全覆盖”.
-- 计法：评估日台账中的每个小区，分母计1；当日有在履行的物业合同的，分子计1。
-- Counted: each estate of the register on the day counts one below; one with a running property contract then counts one above.
-- One row per estate of the register on the day, managed or not: rows with numerator 0 are the gap list.
SELECT e.area_key,
       concat_ws(' ', e.estate_id, e.estate_name) AS entity,
       CAST(CASE WHEN f.delivery_id IS NULL THEN 0 ELSE 1 END AS double precision) AS numerator,
       CAST(1 AS double precision) AS denominator,
       CASE WHEN f.delivery_id IS NULL THEN ARRAY[e.delivery_id] ELSE ARRAY[e.delivery_id, f.delivery_id] END AS delivery_ids,
       CASE WHEN f.delivery_id IS NULL THEN ARRAY[e.row_no] ELSE ARRAY[e.row_no, f.row_no] END AS row_nos
  FROM dim_estate e
  LEFT JOIN (
        SELECT DISTINCT ON (estate_key) estate_key, delivery_id, row_no
          FROM fact_property_contract
         WHERE known_from <= :known_at AND :known_at < known_to
           AND starts_on <= :as_of AND (ends_on IS NULL OR ends_on >= :as_of)
           AND (cardinality(CAST(:management_modes AS text[])) = 0
                OR management_mode = ANY (CAST(:management_modes AS text[])))
         ORDER BY estate_key, starts_on DESC, firm_id) f USING (estate_key)
 WHERE e.known_from <= :known_at AND :known_at < e.known_to
   AND e.valid_from <= :valid_on AND :valid_on < e.valid_to
