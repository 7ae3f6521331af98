-- Whether a quarantine entry was open, as known at a commit: nothing that counted then had closed it.
CREATE OR REPLACE FUNCTION ledger.is_open(q ledger.quarantine, known_at bigint) RETURNS boolean STABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT NOT EXISTS (SELECT FROM ledger.delivery AS r WHERE r.delivery_id = q.resolved_by AND r.seq <= known_at)
       AND NOT EXISTS (SELECT FROM ledger.reopened AS o JOIN ledger.delivery AS r ON r.delivery_id = o.closed_by
                        WHERE o.delivery_id = q.delivery_id AND o.row_no = q.row_no
                          AND ledger.is_loaded(r, known_at))
$$;
