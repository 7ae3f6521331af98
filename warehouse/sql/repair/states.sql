-- The states of these deliveries, as far as the warehouse has them.
-- :delivery_ids
SELECT delivery_id, state FROM ledger.delivery WHERE delivery_id = ANY (:delivery_ids);
