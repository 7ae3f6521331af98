-- Of an incoming row `i` of the delivery `own`, and the row `c` of the star that the delivery `d` told: that it stands
-- above it, by the source's time, then by period, mode and receipt. A row has the rank of the highest delivery that told
-- of it, also of one that only repeated it. Stands in the statements that ask.
SELECT ledger.rank_of(true, ledger.source_time(i.source_at, own), false, own)
       > ledger.rank_of(true, ledger.source_time(c.source_at, d), false, d)
   AND (ledger.source_time(i.source_at, own) > ledger.source_time(c.source_at, d)
        OR NOT EXISTS (SELECT FROM ledger.confirmed AS f JOIN ledger.delivery AS b USING (delivery_id)
                        WHERE b.feed = :feed
                          AND f.keys @> ARRAY[hashtextextended({key_text_c} || '@' || coalesce(c.source_at, '-infinity')::text, 0)]
                          AND ledger.rank_of(true, '-infinity', false, b) > ledger.rank_of(true, '-infinity', false, own)))
