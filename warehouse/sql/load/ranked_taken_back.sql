-- Rows that a higher retraction had taken back before they came: not believed, but told.
INSERT INTO ledger.claim (feed, key, delivery_id, row_no, kind, source_at)
SELECT :feed, jsonb_build_array({key_i}), :delivery_id, i.row_no, 'row', ledger.source_time(i.source_at, own)
  FROM {incoming} AS i JOIN ledger.delivery AS own ON own.delivery_id = :delivery_id
 WHERE EXISTS (SELECT FROM ledger.claim AS l JOIN ledger.delivery AS d USING (delivery_id)
                WHERE l.feed = :feed AND l.key = jsonb_build_array({key_i}) AND l.kind = 'retracted'
                  AND ledger.rank_of(true, l.source_at, false, d)
                    > ledger.rank_of(true, ledger.source_time(i.source_at, own), false, own))
    ON CONFLICT DO NOTHING;
