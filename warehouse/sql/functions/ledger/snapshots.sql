CREATE OR REPLACE FUNCTION ledger.snapshots(of_target text, is_periodic boolean)
RETURNS TABLE (delivery_id bigint, feed text, scope jsonb, holds_from date, rank ledger.rank)
STABLE LANGUAGE sql AS $$
    SELECT s.delivery_id, s.feed, s.scope, s.holds_from, s.rank
      FROM (SELECT s.delivery_id, d.feed, s.scope, s.holds_from, s.things, s.min_share, s.closes,
                   max(s.things) OVER (PARTITION BY d.feed, s.scope) AS fullest,
                   ledger.rank_of(true, CASE WHEN c.by_source_time THEN ledger.end_of_period(d) ELSE '-infinity' END,
                                  is_periodic, d) AS rank
              FROM ledger.scope AS s
              JOIN ledger.delivery AS d USING (delivery_id)
              LEFT JOIN ledger.contract AS c ON c.contract_hash = d.contract_hash
             WHERE s.target = of_target) AS s
     WHERE s.closes AND s.things >= s.min_share * s.fullest
$$;
COMMENT ON FUNCTION ledger.snapshots IS '有效的全量快照 / the snapshots from which absence follows';
