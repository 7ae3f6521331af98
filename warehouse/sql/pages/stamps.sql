-- Every delivery with a text that changes when its page has to: its row, its entries, decisions, previews, repairs.
SELECT d.delivery_id, d.feed, d.department, d.state, d.period_start, d.period_end, d.file_name, d.member, d.received_at,
       d.rows, d.quarantined, d.synthetic, coalesce(q.open, 0) AS open,
       concat_ws('|', d.updated_at, q.entries, q.open, q.closers, v.decisions, p.made_at) AS stamp
  FROM ledger.delivery AS d
  LEFT JOIN (SELECT delivery_id, count(*) AS entries, count(*) FILTER (WHERE resolved_by IS NULL) AS open,
                    sum(resolved_by) AS closers
               FROM ledger.quarantine GROUP BY delivery_id) AS q USING (delivery_id)
  LEFT JOIN (SELECT delivery_id, count(*) AS decisions FROM ledger.decision GROUP BY delivery_id) AS v USING (delivery_id)
  LEFT JOIN ledger.preview AS p USING (delivery_id)
 ORDER BY d.delivery_id DESC
