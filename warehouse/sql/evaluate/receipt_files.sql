-- The delivered files behind a figure: what they are, which contract judged them, and what became of their rows.
SELECT d.delivery_id, d.feed, d.mode, concat_ws('/', d.file_name, d.member) AS file, d.sha256, d.period_start, d.period_end,
       d.received_at, d.synthetic, d.contract_hash, c.version AS contract_version,
       coalesce(d.rows, 0) AS sent, coalesce(d.unchanged, 0) AS unchanged, coalesce(d.superseded, 0) AS superseded,
       coalesce(d.duplicate, 0) AS duplicate, coalesce(d.retracted, 0) AS retracted,
       coalesce(d.quarantined, 0) AS quarantined, coalesce(d.totals_dropped, 0) AS totals_dropped
  FROM ledger.delivery AS d
  LEFT JOIN ledger.contract AS c ON c.contract_hash = d.contract_hash
 WHERE d.delivery_id = ANY (CAST(:deliveries AS bigint[]))
 ORDER BY d.period_end DESC NULLS LAST, d.delivery_id DESC
