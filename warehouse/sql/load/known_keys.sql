-- The things of this delivery of which nobody has told.
SELECT k.sent
  FROM (SELECT DISTINCT s.key, s.named AS sent FROM pg_temp.thing AS s) AS k
 WHERE NOT EXISTS (SELECT FROM ledger.claim AS l WHERE l.feed = :feed AND l.key = k.key)
   AND NOT EXISTS (SELECT FROM {in_star} AS c WHERE c.first = k.key ->> 0 AND c.key = k.key)
 ORDER BY 1
 LIMIT 1000
