-- Kept values of a definition's version that were made by another rule than the program's: the newest of each indicator.
-- A measure of the hotline is compared within its score policy; values kept before digests were say nothing.
SELECT DISTINCT ON (n.code) n.code, n.version, n.hash, f.definition_hash AS kept, f.evaluation_id, e.as_of, e.seq
  FROM unnest(CAST(:codes AS text[]), CAST(:versions AS text[]), CAST(:hashes AS text[]), CAST(:by_policy AS boolean[])) -- noqa: PRS
       AS n (code, version, hash, by_policy)
  JOIN registry.indicator i ON i.indicator_id = n.code
  JOIN star.fact_indicator_value f
    ON f.indicator_key = i.indicator_key AND f.definition_version = n.version AND f.definition_hash <> n.hash
  JOIN ledger.evaluation e USING (evaluation_id)
 WHERE e.policy = :policy OR NOT n.by_policy
 ORDER BY n.code, f.evaluation_id DESC
