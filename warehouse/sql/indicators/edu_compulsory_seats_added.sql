-- 新增义务教育学位 / compulsory-education places added — “新增义务教育学位2.4万个”.
-- 计法：规划期内至评估日启用的小学、初中学位变动：增加的学位相加，净额口径下减少的扣除。
-- Counted: seat changes of the stages counted that took effect in the plan period up to the day: seats added, less those removed where the net is asked for.
-- One row per seat change in the period; the type of the change gives the sign.
SELECT coalesce(s.area_key, -1) AS area_key,
       f.change_id AS entity,
       CAST(CASE WHEN f.change_type = ANY (:added) THEN f.seats ELSE -f.seats END AS double precision) AS numerator,
       CAST(NULL AS double precision) AS denominator,
       ARRAY[f.delivery_id] AS delivery_ids,
       ARRAY[f.row_no] AS row_nos
  FROM fact_seat_change f
  LEFT JOIN LATERAL (
        SELECT d.area_key
          FROM dim_school d
         WHERE d.school_key = f.school_key
           AND d.known_from <= :known_at AND :known_at < d.known_to
         -- The register may begin after the change: then its first version.
         ORDER BY d.valid_from > f.effective_on, abs(d.valid_from - f.effective_on)
         LIMIT 1) s ON true
 WHERE f.known_from <= :known_at AND :known_at < f.known_to
   AND f.effective_on BETWEEN :period_start AND :as_of
   AND f.stage = ANY (:stages)
   AND (f.change_type = ANY (:added) OR (:net AND f.change_type = ANY (:removed)))
