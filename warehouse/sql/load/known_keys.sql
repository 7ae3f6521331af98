-- The things of this delivery of which nobody has told.
SELECT k.sent
  FROM (SELECT DISTINCT s.key, s.named AS sent FROM pg_temp.thing AS s) AS k
 WHERE NOT EXISTS (SELECT FROM ledger.claim AS l WHERE l.feed = :feed AND l.key = k.key)
   {not_in_star}
 ORDER BY 1
 LIMIT 1000
