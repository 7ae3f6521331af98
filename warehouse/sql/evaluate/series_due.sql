-- Up to which commit each point was computed, and by which rule.
SELECT i.indicator_id AS code, s.as_of, s.definition_version, s.definition_hash, s.seq
  FROM ledger.series_state AS s
  JOIN registry.indicator AS i USING (indicator_key)
 WHERE s.policy = :policy
