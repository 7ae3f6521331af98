-- A full snapshot no longer has these: their validity ends on its day. A thing that is in the
-- file at all, be it in quarantine, is not absent.
INSERT INTO heard ({key}, paint_from, paint_to, is_gone)
SELECT DISTINCT c.{key}, CAST(:period_end AS date),
       coalesce((SELECT min(e) FROM unnest(CAST(:later_ends AS date[])) AS e WHERE e > :period_end), 'infinity'),
       true
  FROM star.{target} AS c
 WHERE c.valid_from <= :period_end AND c.valid_to > :period_end
   AND c.delivery_id IN (SELECT delivery_id FROM ledger.delivery WHERE feed = :feed)
   AND {in_scope}
   AND NOT EXISTS (SELECT FROM ({incoming_all}) AS i WHERE i.{key} = c.{key});
