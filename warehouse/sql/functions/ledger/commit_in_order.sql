-- Waits until every load with a smaller number has ended, then enters the commit.
-- A commit's time is when it could be seen: it is taken under a lock that is given back when the commit is visible,
-- and who asks what was known waits for that lock. So what was known at a moment never changes afterwards.
CREATE OR REPLACE PROCEDURE ledger.commit_in_order(s bigint, delivery bigint) LANGUAGE plpgsql AS $$
DECLARE earlier int;
BEGIN
    FOR earlier IN
        SELECT objid::bigint::int FROM pg_locks
        WHERE locktype = 'advisory' AND classid = 8102 AND objsubid = 2
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND mode = 'ExclusiveLock' AND granted AND objid::bigint < s
        ORDER BY 1
    LOOP
        PERFORM pg_advisory_xact_lock_shared(8102, earlier);
    END LOOP;
    PERFORM pg_advisory_xact_lock(8106, 0);
    INSERT INTO ledger.commit (seq, at, delivery_id)
    SELECT s, greatest(clock_timestamp(), max(at) + interval '1 microsecond'), delivery FROM ledger.commit;
END $$;
