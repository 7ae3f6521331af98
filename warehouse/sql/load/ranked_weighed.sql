-- The rows that are held against the star's, each with whether it stands above the row of its key there: by the
-- source's time, then by period, mode and receipt. A row has the rank of the highest delivery that told of it, also of
-- one that only repeated it.
CREATE TEMP VIEW {name} AS
SELECT i.*,
       i.teller IS NOT NULL
       AND ledger.rank_of(true, ledger.source_time(i.source_at, own), false, own)
           > ledger.rank_of(true, ledger.source_time(i.told_at, d), false, d)
       AND (ledger.source_time(i.source_at, own) > ledger.source_time(i.told_at, d)
            OR NOT EXISTS (SELECT FROM ledger.confirmed AS f JOIN ledger.delivery AS b USING (delivery_id)
                            WHERE b.feed = :feed AND f.keys @> ARRAY[i.confirmed_as]
                              AND ledger.rank_of(true, '-infinity', false, b) > ledger.rank_of(true, '-infinity', false, own))) AS wins
  FROM {compared} AS i
  JOIN ledger.delivery AS own ON own.delivery_id = :delivery_id
  LEFT JOIN ledger.delivery AS d ON d.delivery_id = i.teller;
