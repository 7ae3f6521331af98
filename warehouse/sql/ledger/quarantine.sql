-- Quarantined rows with their place in the file that was sent.
-- :feed, :delivery_id: NULL for all; :everything: also those that a later delivery resolved
SELECT q.delivery_id AS delivery, q.feed, d.period_start, d.period_end,
       coalesce(d.member, d.file_name) AS file, s.sheet, q.row_no + coalesce(s.row_offset, 0) AS row,
       q.business_key, q.reasons, q.resolved_by
  FROM ledger.quarantine AS q
  JOIN ledger.delivery AS d USING (delivery_id)
  LEFT JOIN LATERAL (SELECT sheet, row_offset FROM ledger.segment AS s
                      WHERE s.delivery_id = q.delivery_id AND s.first_row_no <= q.row_no
                      ORDER BY s.first_row_no DESC LIMIT 1) AS s ON true
 WHERE (CAST(:feed AS text) IS NULL OR q.feed = :feed)
   AND (CAST(:delivery_id AS bigint) IS NULL OR q.delivery_id = :delivery_id)
   AND (:everything OR q.resolved_by IS NULL)
 ORDER BY q.delivery_id, q.row_no;
