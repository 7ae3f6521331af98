-- Known time: the last commit up to a moment (or the newest), its number and when it was.
SELECT k.seq, (SELECT max(c.at) FROM ledger.commit AS c WHERE c.seq <= k.seq) AS at
  FROM (SELECT ledger.known_at(coalesce(CAST(:moment AS timestamptz), 'infinity')) AS seq) AS k
