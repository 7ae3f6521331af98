-- The things of this delivery of which nobody has told.
SELECT k.key
  FROM (SELECT DISTINCT {key} AS key FROM {table} AS s {joins} WHERE {good}) AS k
 WHERE NOT EXISTS (SELECT FROM ledger.claim AS l WHERE l.feed = :feed AND l.key = k.key)
   {not_in_star}
 ORDER BY 1
 LIMIT 1000
