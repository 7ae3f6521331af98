-- How many quarantined rows each delivery has, how many of them are open, and for how many days these have waited.
-- :feed, :department, :delivery_id: NULL for all
SELECT v.delivery_id, v.department, count(*) AS entries, count(*) FILTER (WHERE v.entry_state = 'open') AS open,
       max(v.age_days) FILTER (WHERE v.entry_state = 'open') AS age_days
  FROM bi.quarantine AS v
 WHERE (CAST(:feed AS text) IS NULL OR v.feed = :feed)
   AND (CAST(:department AS text) IS NULL OR v.department = :department)
   AND (CAST(:delivery_id AS bigint) IS NULL OR v.delivery_id = :delivery_id)
 GROUP BY v.delivery_id, v.department
 ORDER BY v.delivery_id;
