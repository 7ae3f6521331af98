-- The source's own time as it counts: acts that give none speak as of the end of their period.
CREATE OR REPLACE FUNCTION ledger.source_time(source_at timestamptz, d ledger.delivery)
RETURNS timestamptz STABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT CASE WHEN source_at <= d.received_at THEN source_at
                WHEN source_at IS NULL AND d.mode IN ('correction', 'retraction') THEN ledger.end_of_period(d)
                ELSE '-infinity' END
$$;
