-- Keys of claims and quarantine entries that were written in those names.
WITH again AS (
    UPDATE ledger.claim AS l SET key = ledger.resolve(l.sent)
     WHERE l.sent IS NOT NULL
       AND EXISTS (SELECT FROM jsonb_array_elements(l.sent) AS part WHERE part ->> '{registry}' IN (SELECT id FROM renamed))
    RETURNING l.delivery_id, l.row_no, l.key)
UPDATE ledger.quarantine AS q SET key = a.key
  FROM again AS a WHERE q.delivery_id = a.delivery_id AND q.row_no = a.row_no AND q.key IS NOT NULL;
