-- Rows that a higher retraction had taken back before they came: not believed, but told.
INSERT INTO ledger.claim (feed, key, delivery_id, row_no, kind, source_at)
SELECT :feed, {key_json_i}, :delivery_id, i.row_no, 'row', ledger.source_time(i.source_at, own)
  FROM ({incoming}) AS i JOIN ledger.delivery AS own ON own.delivery_id = :delivery_id
 WHERE {taken_back}
    ON CONFLICT DO NOTHING;
