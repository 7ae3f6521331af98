-- How many quarantined rows each delivery has, and how many of them are open.
-- :feed, :department, :delivery_id: NULL for all
SELECT v.delivery_id, count(*) AS entries, count(*) FILTER (WHERE v.entry_state = 'open') AS open
  FROM bi.quarantine AS v
 WHERE (CAST(:feed AS text) IS NULL OR v.feed = :feed)
   AND (CAST(:department AS text) IS NULL OR v.department = :department)
   AND (CAST(:delivery_id AS bigint) IS NULL OR v.delivery_id = :delivery_id)
 GROUP BY v.delivery_id
 ORDER BY v.delivery_id;
