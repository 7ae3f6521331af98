-- Entries that the withdrawn delivery had closed are open again, and the ledger keeps that they were closed meanwhile.
WITH reopened AS (
    UPDATE ledger.quarantine SET resolved_by = NULL WHERE resolved_by = :delivery_id
    RETURNING delivery_id, row_no)
INSERT INTO ledger.reopened (delivery_id, row_no, closed_by)
SELECT delivery_id, row_no, CAST(:delivery_id AS bigint) FROM reopened;
-- Unless another repair answers them.
UPDATE ledger.quarantine AS q SET resolved_by = r.delivery_id
  FROM ledger.reopened AS o
  JOIN ledger.repair AS r ON r.of_delivery = o.delivery_id AND r.of_row = o.row_no
  JOIN ledger.delivery AS d ON d.delivery_id = r.delivery_id AND d.state = 'loaded'
 WHERE o.closed_by = :delivery_id AND q.delivery_id = o.delivery_id AND q.row_no = o.row_no AND q.resolved_by IS NULL;
