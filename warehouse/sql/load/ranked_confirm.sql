-- Rows that the delivery repeats as they are: their rank rises, without a word in the star.
INSERT INTO ledger.confirmed (delivery_id, keys)
SELECT :delivery_id, array_agg(s.confirmed_as)
  FROM {confirming} AS s
 WHERE NOT EXISTS (SELECT FROM differing AS i WHERE ({key_s}) = ({key_i}))
HAVING count(*) > 0
    ON CONFLICT (delivery_id) DO UPDATE SET keys = ARRAY(SELECT unnest(confirmed.keys) UNION SELECT unnest(excluded.keys));
