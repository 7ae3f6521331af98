-- Rows that a correction leaves out: the answer was given before they came, so nobody is asked.
WITH answered AS (
    INSERT INTO ledger.repair (delivery_id, row_no, of_delivery, of_row, action, said_by, said_why)
    SELECT DISTINCT ON (c.row_no) c.delivery_id, CAST(NULL AS int), CAST(:delivery_id AS bigint), c.row_no, 'withdraw', c.said_by, c.reason
      FROM ledger.correction AS c JOIN ledger.quarantine AS q ON q.delivery_id = c.delivery_id AND q.row_no = c.row_no
     WHERE c.delivery_id = :delivery_id AND c.action = 'leaveOut'
     ORDER BY c.row_no, c.correction_id
    RETURNING of_row)
UPDATE ledger.quarantine AS q SET resolved_by = :delivery_id
  FROM answered AS a WHERE q.delivery_id = :delivery_id AND q.row_no = a.of_row;
