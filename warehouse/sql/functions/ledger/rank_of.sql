CREATE OR REPLACE FUNCTION ledger.rank_of(is_row boolean, source_at timestamptz, is_periodic boolean, d ledger.delivery)
RETURNS ledger.rank IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT ROW(is_row, source_at,
               CASE WHEN is_periodic THEN '-infinity' ELSE d.period_end END,
               CASE WHEN is_periodic THEN '-infinity' ELSE d.period_start END,
               d.mode IN ('correction', 'retraction'), d.period_end, d.period_start, d.delivery_id)::ledger.rank
$$;
