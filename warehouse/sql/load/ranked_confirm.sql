-- Rows that the delivery repeats as they are: their rank rises, without a word in the star.
INSERT INTO ledger.confirmed (delivery_id, keys)
SELECT :delivery_id, array_agg(hashtextextended({key_text_s} || '@' || coalesce({time_s}, '-infinity')::text, 0))
  FROM pg_temp.staging AS s
 WHERE NOT EXISTS (SELECT FROM differing AS i WHERE ({key_s}) = ({key_i}))
HAVING count(*) > 0
    ON CONFLICT (delivery_id) DO UPDATE SET keys = ARRAY(SELECT unnest(confirmed.keys) UNION SELECT unnest(excluded.keys));
