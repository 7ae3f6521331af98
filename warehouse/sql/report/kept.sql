-- Kept evaluations of a day by one policy, up to a commit, with their figures.
SELECT v.evaluation_id, v.seq, v.evaluated_at, v.indicator_code, v.value, v.status
  FROM bi.indicator_value AS v
 WHERE v.as_of = :as_of AND v.policy = :policy AND v.seq <= :known_at
 ORDER BY v.seq, v.evaluation_id, v.indicator_code
