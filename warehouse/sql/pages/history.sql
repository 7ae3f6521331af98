-- What happened to a delivery after it came: decisions of people, repairs of its rows, what it repeats or came instead of.
-- :delivery_id
SELECT decided_at AS at, verb AS what, decided_by AS who, reason AS why, CAST(NULL AS bigint) AS other, CAST(NULL AS bigint) AS rows
  FROM ledger.decision WHERE delivery_id = :delivery_id
 UNION ALL
SELECT r.received_at, 'answered', string_agg(DISTINCT a.said_by, '、'), string_agg(DISTINCT a.said_why, '；'), r.delivery_id, count(*)
  FROM ledger.repair AS a JOIN ledger.delivery AS r USING (delivery_id)
 WHERE a.of_delivery = :delivery_id AND a.delivery_id <> a.of_delivery AND r.state = 'loaded'
 GROUP BY r.delivery_id
 UNION ALL
SELECT r.received_at, 'closed', NULL, NULL, r.delivery_id, count(*)
  FROM ledger.quarantine AS q JOIN ledger.delivery AS r ON r.delivery_id = q.resolved_by
 WHERE q.delivery_id = :delivery_id
   AND NOT EXISTS (SELECT FROM ledger.repair AS a WHERE a.delivery_id = q.resolved_by AND a.of_delivery = q.delivery_id AND a.of_row = q.row_no)
 GROUP BY r.delivery_id
 ORDER BY 1
