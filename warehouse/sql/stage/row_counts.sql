-- How many rows the accepted deliveries before this one had, the last first: of the same mode and about the same length.
-- :delivery_id, :feed, :mode, :until (last day of its period), :days (length of its period), :most
SELECT staged_rows
  FROM ledger.delivery
 WHERE feed = :feed AND mode = :mode AND state = 'loaded' AND delivery_id <> :delivery_id AND repairs IS NULL
   AND period_end < CAST(:until AS date) AND period_end - period_start BETWEEN :days / 2 AND :days * 2
 ORDER BY period_end DESC, delivery_id DESC
 LIMIT :most;
