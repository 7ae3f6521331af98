-- An entry is closed by a readable row of the same thing that outranks it, whichever came first. The star has the
-- highest row; where that was taken back since, the history has it; rows that a retraction took back before they
-- came are claims. :entries are those reopened when the delivery was withdrawn, or the feed's own that it tells of.
UPDATE ledger.quarantine AS q
   SET resolved_by = r.delivery_id
  FROM ledger.quarantine AS o
  JOIN ledger.claim AS u USING (delivery_id, row_no)
  JOIN ledger.delivery AS e USING (delivery_id)
 CROSS JOIN LATERAL (
       SELECT told.delivery_id
         FROM (SELECT c.delivery_id, ledger.source_time(c.source_at, d) AS source_at
                 FROM {in_star} AS c JOIN ledger.delivery AS d USING (delivery_id)
                WHERE c.first = o.key ->> 0 AND c.key = o.key
                UNION ALL
               SELECT l.delivery_id, l.source_at FROM ledger.claim AS l
                WHERE l.feed = o.feed AND l.key = o.key AND l.kind = 'row') AS told
         JOIN ledger.delivery AS d USING (delivery_id)
        WHERE d.state <> 'withdrawn'
          AND CASE :entries
                   WHEN 'reopened' THEN (o.delivery_id, o.row_no) IN (SELECT delivery_id, row_no FROM ledger.reopened WHERE closed_by = :delivery_id)
                   ELSE told.delivery_id = :delivery_id OR o.delivery_id = :delivery_id END
          AND ledger.rank_of(true, told.source_at, false, d) > ledger.rank_of(true, u.source_at, false, e)
        ORDER BY ledger.rank_of(true, told.source_at, false, d) DESC LIMIT 1) AS r
 WHERE o.feed = :feed AND o.resolved_by IS NULL AND o.key IS NOT NULL
   AND q.delivery_id = o.delivery_id AND q.row_no = o.row_no;
