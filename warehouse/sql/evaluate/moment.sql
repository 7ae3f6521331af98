-- Known time: the last commit up to a moment (or the newest), its number and when it was.
SELECT coalesce(max(c.seq), 0) AS seq, max(c.at) AS at
  FROM ledger.commit c
 WHERE CAST(:moment AS timestamptz) IS NULL OR c.at <= CAST(:moment AS timestamptz)
