-- 社区工作者持证率 / certified community workers — “社区工作者持社会工作职业水平证书比率达到39%”.
-- 计法：评估日前最后一个完整月份各镇街所报：持证社区工作者数之和，除以社区工作者数之和。
-- Counted: of the last month that has ended, over all towns that reported: the sum of certified community workers over the sum of community workers.
-- One row per town unit in the last month that has ended by the day; a town that did not report is missing, not carried on.
SELECT f.area_key,
       concat_ws(' ', a.area_name, to_char(f.month, 'YYYY-MM')) AS entity,
       CAST(f.certified_community_workers AS double precision) AS numerator,
       CAST(f.community_workers AS double precision) AS denominator,
       ARRAY[f.delivery_id] AS delivery_ids,
       ARRAY[f.row_no] AS row_nos
  FROM fact_social_worker_month f
  LEFT JOIN dim_area a
    ON a.area_key = f.area_key AND a.known_from <= :known_at AND :known_at < a.known_to
   AND a.valid_from <= :valid_on AND :valid_on < a.valid_to
 WHERE f.known_from <= :known_at AND :known_at < f.known_to
   AND f.month = CAST(date_trunc('month', CAST(:as_of AS date) + 1) - INTERVAL '1 month' AS date)
   -- A doubtful row, whose number is negative, counts also where one of them cannot be read.
   AND (f.community_workers IS NOT NULL AND f.certified_community_workers IS NOT NULL OR f.row_no < 0)
