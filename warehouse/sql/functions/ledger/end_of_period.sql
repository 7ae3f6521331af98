-- The moment at which a delivery's period is over, in Beijing.
CREATE OR REPLACE FUNCTION ledger.end_of_period(d ledger.delivery) RETURNS timestamptz IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT (d.period_end + 1)::timestamp AT TIME ZONE INTERVAL '8 hours'
$$;
