-- "As known at a moment" is the last commit before it; who commits at this very moment is waited for.
CREATE OR REPLACE FUNCTION ledger.known_at(moment timestamptz) RETURNS bigint VOLATILE LANGUAGE plpgsql AS $$
DECLARE last_seq bigint;
BEGIN
    PERFORM pg_advisory_lock_shared(8106, 0);
    SELECT coalesce(max(seq), 0) INTO last_seq FROM ledger.commit WHERE at <= moment;
    PERFORM pg_advisory_unlock_shared(8106, 0);
    RETURN last_seq;
END $$;
