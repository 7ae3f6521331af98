-- Contracts by their hashes, with their load queries and corrections, as they judged.
SELECT contract_hash, feed, version, contract, load_sql, corrections
  FROM ledger.contract AS c
 WHERE c.contract_hash = ANY (:contracts)
 ORDER BY feed, version, contract_hash
