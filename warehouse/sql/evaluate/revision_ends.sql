-- The kept evaluations of a day and policy next to one of them in known time, with the versions they were counted by.
WITH this AS (
    SELECT e.evaluation_id, e.seq, e.as_of, e.policy FROM ledger.evaluation AS e WHERE e.evaluation_id = :evaluation
), beside AS (
    SELECT e.evaluation_id, e.seq FROM ledger.evaluation AS e JOIN this AS t USING (as_of, policy) WHERE e.seq < t.seq
     ORDER BY e.seq DESC LIMIT 1
), after AS (
    SELECT e.evaluation_id, e.seq FROM ledger.evaluation AS e JOIN this AS t USING (as_of, policy) WHERE e.seq > t.seq
     ORDER BY e.seq LIMIT 1
)
SELECT p.before_seq AS seq_before, p.after_seq AS seq_after, t.as_of, t.policy, i.indicator_id AS code,
       f.definition_version AS version_before, l.definition_version AS version_after
  FROM this AS t
 CROSS JOIN LATERAL (
       SELECT b.evaluation_id, b.seq, t.evaluation_id, t.seq FROM beside AS b -- noqa: AL08
        UNION ALL
       SELECT t.evaluation_id, t.seq, a.evaluation_id, a.seq FROM after AS a WHERE NOT EXISTS (SELECT FROM beside) -- noqa: AL08
       ) AS p (before_id, before_seq, after_id, after_seq)
  JOIN star.fact_indicator_value AS f ON f.evaluation_id = p.before_id
  JOIN star.fact_indicator_value AS l ON l.evaluation_id = p.after_id AND l.indicator_key = f.indicator_key
  JOIN registry.indicator AS i ON i.indicator_key = f.indicator_key
 ORDER BY p.before_seq, i.indicator_id
