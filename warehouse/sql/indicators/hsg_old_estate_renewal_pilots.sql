-- 老旧小区有机更新试点 / old-estate renewal pilots — “以清源街道枣园社区、兴丰街道三合南里社区为试点”.
-- 计法：规划期内至评估日确定为试点的社区，每个计1，不论项目和小区数。
-- Counted: each community designated in the plan period up to the day counts one, whatever number of projects and estates.
-- One row per community designated in the period, whatever number of projects and estates; an unnamed community counts by its estate.
SELECT min(f.area_key) AS area_key,
       coalesce(min(a.area_code || ' ' || a.area_name), min(f.project_name), min(f.project_id)) AS entity,
       CAST(1 AS double precision) AS numerator,
       CAST(NULL AS double precision) AS denominator,
       array_agg(f.delivery_id ORDER BY f.project_id, f.estate_key) AS delivery_ids,
       array_agg(f.row_no ORDER BY f.project_id, f.estate_key) AS row_nos
  FROM fact_renewal f
  LEFT JOIN dim_area a
    ON a.area_key = f.area_key AND a.known_from <= :known_at AND :known_at < a.known_to
   AND a.valid_from <= f.designated_on AND f.designated_on < a.valid_to
 WHERE f.known_from <= :known_at AND :known_at < f.known_to
   AND f.renewal_type = ANY (:renewal_types)
   AND f.designated_on BETWEEN :period_start AND :as_of
 GROUP BY CASE WHEN f.area_key > 0 THEN 'community ' || f.area_key ELSE 'estate ' || f.estate_key END
