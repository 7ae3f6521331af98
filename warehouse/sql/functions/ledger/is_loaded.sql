-- Whether a delivery counted, as known at a commit: loaded by then, and not withdrawn by then.
CREATE OR REPLACE FUNCTION ledger.is_loaded(d ledger.delivery, known_at bigint) RETURNS boolean IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT d.state IN ('loaded', 'withdrawn') AND d.seq <= known_at AND (d.withdrawn_seq IS NULL OR d.withdrawn_seq > known_at)
$$;
