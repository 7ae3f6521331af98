-- Why rows of deliveries were kept out: one row a delivery, rule and column, with how many rows and the first of them.
-- :deliveries: their numbers
SELECT q.delivery_id, count(*) AS kept_out, (array_agg(r.reason ORDER BY q.row_no))[1] AS reason,
       (array_agg(q.row_no + coalesce(s.row_offset, 0) ORDER BY q.row_no))[1] AS row,
       (array_agg(s.sheet ORDER BY q.row_no))[1] AS sheet
  FROM ledger.quarantine AS q
 CROSS JOIN LATERAL jsonb_array_elements(q.reasons) AS r (reason)
  LEFT JOIN LATERAL (SELECT sheet, row_offset FROM ledger.segment AS s
                      WHERE s.delivery_id = q.delivery_id AND s.first_row_no <= q.row_no
                      ORDER BY s.first_row_no DESC LIMIT 1) AS s ON true
 WHERE q.delivery_id = ANY(:deliveries)
 GROUP BY q.delivery_id, r.reason ->> 'rule', r.reason ->> 'column'
 ORDER BY q.delivery_id, kept_out DESC, r.reason ->> 'rule', r.reason ->> 'column';
