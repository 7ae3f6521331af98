-- Held corrections and retractions of which all things that they name are known by now.
SELECT d.delivery_id FROM ledger.delivery AS d
 WHERE (:of_all_feeds OR d.feed = :feed) AND d.state = 'held'
   AND EXISTS (SELECT FROM jsonb_array_elements(d.reasons) AS r
                WHERE r ->> 'rule' = 'unknown_key'
                  AND NOT EXISTS (SELECT FROM jsonb_array_elements(r -> 'keys') AS k (key)
                                   WHERE NOT EXISTS (SELECT FROM ledger.claim AS l WHERE l.feed = d.feed AND l.key = ledger.resolve(k.key))
                                     AND NOT EXISTS (SELECT FROM {in_star} AS c WHERE c.first = k.key ->> 0 AND c.key = k.key)))
   FOR UPDATE OF d;
