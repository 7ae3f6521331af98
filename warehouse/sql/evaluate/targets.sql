-- Targets known at a commit, every step of them.
SELECT i.indicator_id AS code, f.plan_code, f.target_on, f.target_value, f.comparator, f.nature, f.basis,
       f.definition_version
  FROM known.fact_target AS f
  JOIN registry.indicator AS i USING (indicator_key)
 WHERE f.known_from <= :known_at AND :known_at < f.known_to
 ORDER BY code, f.plan_code, f.target_on
