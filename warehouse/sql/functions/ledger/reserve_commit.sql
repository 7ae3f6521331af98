-- Known time. A load takes its number late, writes, then waits until every load with a smaller number has ended
-- (commit_in_order). So numbers are visible in order, without a lock held while writing.
CREATE OR REPLACE FUNCTION ledger.reserve_commit() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE s bigint;
BEGIN
    PERFORM pg_advisory_lock(8101, 0);     -- number and its lock must appear together
    s := nextval('ledger.commit_seq');
    PERFORM pg_advisory_xact_lock(8102, s::int);
    PERFORM pg_advisory_unlock(8101, 0);
    RETURN s;
END $$;
