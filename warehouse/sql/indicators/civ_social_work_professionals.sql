-- 社会工作专业人才总量 / social-work professionals — “社会工作专业人才总量达0.28万人”.
-- 计法：评估日前最后一个完整月份，各镇街所报社会工作专业人才数之和。
-- Counted: of the last month that has ended: the sum of social-work professionals over all towns that reported.
-- One row per town unit in the last month that has ended by the day; a town that did not report is missing, not carried on.
SELECT f.area_key,
       concat_ws(' ', a.area_name, to_char(f.month, 'YYYY-MM')) AS entity,
       CAST(f.professionals AS double precision) AS numerator,
       CAST(NULL AS double precision) AS denominator,
       ARRAY[f.delivery_id] AS delivery_ids,
       ARRAY[f.row_no] AS row_nos
  FROM fact_social_worker_month f
  LEFT JOIN dim_area a
    ON a.area_key = f.area_key AND a.known_from <= :known_at AND :known_at < a.known_to
   AND a.valid_from <= :valid_on AND :valid_on < a.valid_to
 WHERE f.known_from <= :known_at AND :known_at < f.known_to
   AND f.month = CAST(date_trunc('month', CAST(:as_of AS date) + 1) - INTERVAL '1 month' AS date)
