-- What targets and declarations are not readable, as known at a commit: rows in open quarantine with all that is known of
-- them (in which an indicator's code is looked for), and deliveries that are held, of which nothing is known.
SELECT q.feed, q.delivery_id, 'quarantine' AS why, concat_ws(' ', q.business_key, q.reasons::text) AS words
  FROM ledger.quarantine AS q
  JOIN ledger.delivery AS d ON d.delivery_id = q.delivery_id AND ledger.is_loaded(d, :known_at)
 WHERE q.feed = ANY (:feeds) AND ledger.is_open(q, :known_at)
UNION ALL
SELECT d.feed, d.delivery_id, 'held', NULL
  FROM ledger.delivery AS d
 WHERE d.feed = ANY (:feeds) AND d.state = 'held' AND d.received_at <= :moment
 ORDER BY feed, delivery_id
