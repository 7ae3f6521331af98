-- Rows of a repair whose entries another delivery closed since it was staged, and one of these deliveries.
-- :delivery_id
SELECT count(*) AS rows, min(q.resolved_by) AS other
  FROM ledger.repair AS r
  JOIN ledger.quarantine AS q ON q.delivery_id = r.of_delivery AND q.row_no = r.of_row
 WHERE r.delivery_id = :delivery_id AND q.resolved_by <> r.delivery_id;
