-- 建成保障性住房 / affordable units completed — “建成保障性住房7万套”.
-- 计法：规划期内至评估日达到所计节点（竣工）的保障房楼栋，套数相加。
-- Counted: lots of affordable housing that reached the milestone counted (completion) in the plan period up to the day: their units added up.
-- One row per building lot that reached the milestone (completed, not started or handed over) in the period.
SELECT f.area_key,
       concat_ws(' ', f.project_id, f.lot_id, f.project_name) AS entity,
       CAST(f.units AS double precision) AS numerator,
       CAST(NULL AS double precision) AS denominator,
       ARRAY[f.delivery_id] AS delivery_ids,
       ARRAY[f.row_no] AS row_nos
  FROM fact_housing_milestone f
 WHERE f.known_from <= :known_at AND :known_at < f.known_to
   AND f.milestone = :milestone
   AND f.milestone_on BETWEEN :period_start AND :as_of
   AND (cardinality(CAST(:housing_types AS text[])) = 0
        OR f.housing_type = ANY (CAST(:housing_types AS text[])))
