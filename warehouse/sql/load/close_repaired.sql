-- The entries that this repair answers; where an answer is kept out again, its own entry takes the old one's place.
UPDATE ledger.quarantine AS q SET resolved_by = :delivery_id
  FROM ledger.repair AS r
 WHERE r.delivery_id = :delivery_id AND q.delivery_id = r.of_delivery AND q.row_no = r.of_row
   AND q.resolved_by IS NULL;
