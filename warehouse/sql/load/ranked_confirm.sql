-- Rows that the delivery repeats as they are: their rank rises, without a word in the star.
INSERT INTO ledger.confirmed (delivery_id, keys)
SELECT :delivery_id, array_agg({hash_s})
  FROM {table} AS s
 WHERE {good} AND NOT EXISTS (SELECT FROM differing AS i WHERE {same_s_i})
HAVING count(*) > 0
    ON CONFLICT (delivery_id) DO UPDATE SET keys = ARRAY(SELECT unnest(confirmed.keys) UNION SELECT unnest(excluded.keys));
