-- An entry is closed by a readable row of the same thing that outranks it, whichever came first; for snapshots
-- only one of the same period, since another period's row says nothing about this one. :entries are the named
-- ones (whose keys have names, of any feed), those reopened when the delivery was withdrawn, or the feed's own that it tells of.
UPDATE ledger.quarantine AS q
   SET resolved_by = r.delivery_id
  FROM ledger.quarantine AS o
  JOIN ledger.claim AS u USING (delivery_id, row_no)
  JOIN ledger.delivery AS e USING (delivery_id)
  JOIN ledger.contract AS c ON c.contract_hash = e.contract_hash
 CROSS JOIN LATERAL (
       SELECT l.delivery_id
         FROM ledger.claim AS l JOIN ledger.delivery AS d USING (delivery_id)
        WHERE l.feed = o.feed AND l.key = o.key AND l.kind = 'row'
          AND ledger.rank_of(true, l.source_at, ledger.is_periodic(c), d) > ledger.rank_of(true, u.source_at, ledger.is_periodic(c), e)
          AND (c.mode <> 'full' OR d.period_end = e.period_end AND d.period_start = e.period_start)
        ORDER BY ledger.rank_of(true, l.source_at, ledger.is_periodic(c), d) DESC LIMIT 1) AS r
 WHERE o.resolved_by IS NULL AND o.key IS NOT NULL
   AND CASE :entries
            WHEN 'named' THEN u.sent IS NOT NULL
            WHEN 'reopened' THEN (o.delivery_id, o.row_no) IN (SELECT delivery_id, row_no FROM ledger.reopened WHERE closed_by = :delivery_id)
            ELSE o.feed = :feed AND (o.delivery_id = :delivery_id
                                     OR o.key IN (SELECT key FROM ledger.claim WHERE delivery_id = :delivery_id)) END
   AND q.delivery_id = o.delivery_id AND q.row_no = o.row_no;
