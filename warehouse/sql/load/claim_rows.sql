-- What the delivery says of each thing that it could be read of.
INSERT INTO ledger.claim (feed, key, sent, delivery_id, row_no, kind, source_at)
SELECT :feed, s.key, s.sent, :delivery_id, s.row_no, :kind, s.source_at
  FROM pg_temp.thing AS s;
