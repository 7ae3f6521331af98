-- The day of the last kept evaluation before a day.
SELECT max(v.as_of) AS as_of
  FROM ledger.evaluation AS v
 WHERE v.as_of < :as_of AND v.policy = :policy AND v.seq <= :known_at
