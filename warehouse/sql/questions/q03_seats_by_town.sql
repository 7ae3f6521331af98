-- 3. 本规划期新增学位，按镇街、学段、季度，对照目标 / places added since period_start by town, stage and quarter, against the target.
-- The target is the district's: share_of_target is of all rows together.
WITH change AS (
    SELECT town_name, stage, CAST(date_trunc('quarter', effective_on) AS date) AS quarter,
           CASE WHEN change_type = ANY (:added) THEN seats WHEN change_type = ANY (:removed) THEN -seats END AS seats
      FROM bi.seat_change
     WHERE effective_on BETWEEN :period_start AND :as_of AND stage = ANY (:stages)
), target AS (
    SELECT target_value, basis FROM bi.target
     WHERE indicator_code = 'edu_compulsory_seats_added' AND target_on > :period_start
     ORDER BY array_position(ARRAY['official', 'user_supplied', 'example'], basis), target_on DESC LIMIT 1
)
SELECT c.town_name, c.stage, c.quarter, sum(c.seats) AS seats,
       sum(sum(c.seats)) OVER (ORDER BY c.quarter) AS district_so_far,
       t.target_value, t.basis,
       sum(sum(c.seats)) OVER (ORDER BY c.quarter) / nullif(t.target_value, 0) AS share_of_target
  FROM change AS c LEFT JOIN target AS t ON true
 GROUP BY c.town_name, c.stage, c.quarter, t.target_value, t.basis
 ORDER BY c.quarter, c.town_name, c.stage
