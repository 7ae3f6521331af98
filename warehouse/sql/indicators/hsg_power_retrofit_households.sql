-- 老旧小区电力改造受益户 / households with power retrofit — “改善3.3万户居民的用电条件”.
-- 计法：规划期内至评估日完工的小区，每个小区取户数最多的一个项目，户数相加。
-- Counted: estates finished in the plan period up to the day: of each the households of its largest project, added up.
-- One row per estate finished in the period: a household reached by two projects is one household.
SELECT f.area_key,
       concat_ws(' ', e.estate_id, e.estate_name) AS entity,
       CAST(f.households AS double precision) AS numerator,
       CAST(NULL AS double precision) AS denominator,
       f.delivery_ids,
       f.row_nos
  FROM (SELECT estate_key,
               max(area_key) AS area_key,
               max(households) AS households,
               array_agg(delivery_id ORDER BY households DESC NULLS LAST, project_id) AS delivery_ids,
               array_agg(row_no ORDER BY households DESC NULLS LAST, project_id) AS row_nos
          FROM fact_renewal
         WHERE known_from <= :known_at AND :known_at < known_to
           AND renewal_type = ANY (:renewal_types)
           AND completed_on BETWEEN :period_start AND :as_of
         -- Without a known estate nothing can be told to be the same one.
         GROUP BY estate_key, CASE WHEN estate_key < 0 THEN project_id END) f
  LEFT JOIN LATERAL (
        SELECT d.estate_id, d.estate_name
          FROM dim_estate d
         WHERE d.estate_key = f.estate_key
           AND d.known_from <= :known_at AND :known_at < d.known_to
         ORDER BY d.valid_from > :as_of, abs(d.valid_from - :as_of)
         LIMIT 1) e ON true
