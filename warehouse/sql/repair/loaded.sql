-- Which of these deliveries the warehouse has loaded.
-- :delivery_ids
SELECT delivery_id FROM ledger.delivery WHERE delivery_id = ANY (:delivery_ids) AND state = 'loaded';
