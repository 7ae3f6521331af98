-- "As known at a moment" is the last commit before it; who commits at this very moment is waited for.
CREATE OR REPLACE FUNCTION ledger.known_at(moment timestamptz) RETURNS bigint VOLATILE LANGUAGE plpgsql AS $$
DECLARE found bigint;
BEGIN
    PERFORM pg_advisory_lock_shared(8106, 0);
    SELECT coalesce(max(seq), 0) INTO found FROM ledger.commit WHERE at <= moment;
    PERFORM pg_advisory_unlock_shared(8106, 0);
    RETURN found;
END $$;
