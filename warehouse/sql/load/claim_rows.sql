-- What the delivery says of each thing that it could be read of.
INSERT INTO ledger.claim (feed, key, sent, delivery_id, row_no, kind, source_at)
SELECT :feed, {key}, {sent}, :delivery_id, s.row_no, :kind, {source_at}
  FROM {table} AS s {joins}
  JOIN ledger.delivery AS d ON d.delivery_id = :delivery_id
 WHERE {good};
