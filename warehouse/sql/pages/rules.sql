-- How many rows of a delivery each rule kept out, and how many of these are answered.
-- :delivery_id
SELECT r ->> 'rule' AS rule, count(*) AS rows, count(*) FILTER (WHERE q.resolved_by IS NOT NULL) AS answered
  FROM ledger.quarantine AS q CROSS JOIN LATERAL jsonb_array_elements(q.reasons) AS r
 WHERE q.delivery_id = :delivery_id
 GROUP BY 1 ORDER BY 2 DESC, 1
