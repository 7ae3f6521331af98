-- The things of this delivery of which nobody has told.
SELECT k.sent
  FROM (SELECT DISTINCT {key} AS key, {sent} AS sent FROM {table} AS s {joins} WHERE {good}) AS k
 WHERE NOT EXISTS (SELECT FROM ledger.claim AS l WHERE l.feed = :feed AND l.key = k.key)
   {not_in_star}
 ORDER BY 1
 LIMIT 1000
