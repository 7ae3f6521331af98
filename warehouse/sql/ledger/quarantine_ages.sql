-- Open entries by department, and how many days they have waited.
-- :feed, :department, :delivery_id: NULL for all
SELECT v.department, count(*) AS open, max(v.age_days) AS oldest_days,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY v.age_days) AS median_days
  FROM bi.quarantine AS v
 WHERE v.entry_state = 'open'
   AND (CAST(:feed AS text) IS NULL OR v.feed = :feed)
   AND (CAST(:department AS text) IS NULL OR v.department = :department)
   AND (CAST(:delivery_id AS bigint) IS NULL OR v.delivery_id = :delivery_id)
 GROUP BY v.department
 ORDER BY v.department;
