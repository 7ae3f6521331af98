-- An entry is closed by a readable row of the same thing that outranks it, whichever came first; for snapshots
-- only one of the same period, since another period's row says nothing about this one.
UPDATE ledger.quarantine AS q
   SET resolved_by = (
       SELECT l.delivery_id
         FROM ledger.claim AS l JOIN ledger.delivery AS d USING (delivery_id)
        WHERE {repairs}
        ORDER BY ledger.rank_of(true, l.source_at, {is_periodic}, d) DESC LIMIT 1)
  FROM ledger.claim AS u, ledger.delivery AS e
 WHERE q.feed = :feed AND q.resolved_by IS NULL AND q.key IS NOT NULL
   AND u.delivery_id = q.delivery_id AND u.row_no = q.row_no
   AND e.delivery_id = q.delivery_id
   AND (q.delivery_id = :delivery_id OR q.key IN (SELECT key FROM ledger.claim WHERE delivery_id = :delivery_id))
   AND EXISTS (SELECT FROM ledger.claim AS l JOIN ledger.delivery AS d USING (delivery_id) WHERE {repairs});
