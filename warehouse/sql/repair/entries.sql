-- The quarantine entries of a delivery, and which delivery closed each.
-- :delivery_id
SELECT row_no, resolved_by FROM ledger.quarantine WHERE delivery_id = :delivery_id;
