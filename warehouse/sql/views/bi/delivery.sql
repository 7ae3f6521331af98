CREATE OR REPLACE VIEW bi.delivery AS
SELECT d.delivery_id, d.feed, d.department,
       coalesce(n.name_zh, CASE WHEN d.department IS NULL THEN '未提供' ELSE d.department END) AS department_zh,
       n.name_en AS department_en,
       d.mode, d.period_start, d.period_end, d.file_name, d.member, d.received_at, d.state, d.seq,
       d.rows, d.loaded, d.unchanged, d.duplicate, d.retracted, d.quarantined, d.totals_dropped, d.closed,
       (SELECT count(*) FROM ledger.quarantine AS q
         WHERE q.delivery_id = d.delivery_id AND q.resolved_by IS NULL AND d.state <> 'withdrawn') AS quarantined_open,
       d.contract_hash, d.supersedes, d.sha256, d.synthetic, d.withdrawn_seq
  FROM ledger.delivery AS d
  LEFT JOIN registry.department AS r ON r.department_id = d.department
  LEFT JOIN (SELECT DISTINCT ON (department_key) department_key, name_zh, name_en
               FROM star.dim_department ORDER BY department_key, valid_from DESC) AS n USING (department_key);
COMMENT ON VIEW bi.delivery IS '批次：每一次到达 / deliveries: every arrival and what became of it';
