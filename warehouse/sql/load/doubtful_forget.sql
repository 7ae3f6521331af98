-- The delivery's load query cannot read its doubtful rows.
DELETE FROM ledger.doubtful WHERE delivery_id = :delivery_id;
