-- 引入规范物业的“三无”社区 / three-no communities given a manager — “为全区56个‘三无’社区引入规范物业公司”.
-- 计法：规划期内至评估日，有“三无”小区引入物业（合同开始前一日仍为“三无”）的社区，每个计1。
-- Counted: each community counts one in which an estate that was 三无 on the day before got a property contract in the plan period up to the day.
-- One row per community with a contract that began in the period for an estate that was 三无 on the day before.
SELECT min(e.area_key) AS area_key,
       coalesce(min(a.area_code || ' ' || a.area_name), min(e.estate_id || ' ' || e.estate_name)) AS entity,
       CAST(1 AS double precision) AS numerator,
       CAST(NULL AS double precision) AS denominator,
       array_agg(f.delivery_id ORDER BY f.estate_key, f.starts_on, f.firm_id)
           || array_agg(e.delivery_id ORDER BY f.estate_key, f.starts_on, f.firm_id) AS delivery_ids,
       array_agg(f.row_no ORDER BY f.estate_key, f.starts_on, f.firm_id)
           || array_agg(e.row_no ORDER BY f.estate_key, f.starts_on, f.firm_id) AS row_nos
  FROM fact_property_contract f
  JOIN dim_estate e
    ON e.estate_key = f.estate_key AND e.known_from <= :known_at AND :known_at < e.known_to
   AND e.valid_from <= f.starts_on - 1 AND f.starts_on - 1 < e.valid_to
   AND e.is_three_no
  LEFT JOIN dim_area a
    ON a.area_key = e.area_key AND a.known_from <= :known_at AND :known_at < a.known_to
   AND a.valid_from <= f.starts_on AND f.starts_on < a.valid_to
 WHERE f.known_from <= :known_at AND :known_at < f.known_to
   AND f.starts_on BETWEEN :period_start AND :as_of
   AND (cardinality(CAST(:management_modes AS text[])) = 0
        OR f.management_mode = ANY (CAST(:management_modes AS text[])))
 GROUP BY CASE WHEN e.area_key > 0 THEN 'community ' || e.area_key ELSE 'estate ' || e.estate_key END
