-- Certified community workers and professionals of each town in the last month that has ended, beside all of them.
SELECT f.area_key, concat_ws(' ', k.what, to_char(f.month, 'YYYY-MM')) AS entity,
       CAST(k.certified AS double precision) AS left_value, CAST(k.workers AS double precision) AS right_value
  FROM known.fact_social_worker_month AS f
 CROSS JOIN LATERAL (VALUES ('社区工作者', f.certified_community_workers, f.community_workers),
                            ('专业人才', f.certified_professionals, f.professionals)) AS k (what, certified, workers)
 WHERE f.known_from <= :known_at AND :known_at < f.known_to
   AND f.month = CAST(date_trunc('month', CAST(:as_of AS date) + 1) - INTERVAL '1 month' AS date)
   AND k.certified IS NOT NULL AND k.workers IS NOT NULL
