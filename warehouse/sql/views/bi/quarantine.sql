CREATE OR REPLACE VIEW bi.quarantine AS
SELECT q.delivery_id, q.row_no, q.feed, d.department, d.department_zh, d.department_en, d.period_start, d.period_end,
       coalesce(d.member, d.file_name) AS file_name, s.sheet, q.row_no + coalesce(s.row_offset, 0) AS file_row,
       ARRAY(SELECT DISTINCT reason ->> 'rule' FROM jsonb_array_elements(q.reasons) AS r (reason) ORDER BY 1) AS rules,
       CASE WHEN d.state = 'withdrawn' THEN 'withdrawn'
            WHEN q.resolved_by IS NULL AND d.received_at + c.answer_days * interval '1 day' < now() THEN 'expired'
            WHEN q.resolved_by IS NULL THEN 'open'
            WHEN r.action = 'accept' THEN 'accepted'
            WHEN r.action = 'withdraw' THEN 'withdrawn'
            WHEN r.action IS NOT NULL THEN 'repaired'
            ELSE 'superseded' END AS entry_state,
       q.resolved_by, d.received_at,
       CAST(coalesce(b.received_at, now()) AS date) - CAST(d.received_at AS date) AS age_days,
       c.owner, CAST(d.received_at + c.answer_days * interval '1 day' AS date) AS due_on
  FROM ledger.quarantine AS q
  JOIN bi.delivery AS d USING (delivery_id)
  LEFT JOIN ledger.contract AS c ON c.contract_hash = d.contract_hash
  LEFT JOIN ledger.delivery AS b ON b.delivery_id = q.resolved_by
  LEFT JOIN ledger.repair AS r ON r.delivery_id = q.resolved_by AND r.of_delivery = q.delivery_id AND r.of_row = q.row_no
  LEFT JOIN LATERAL (SELECT sheet, row_offset FROM ledger.segment AS s
                      WHERE s.delivery_id = q.delivery_id AND s.first_row_no <= q.row_no
                      ORDER BY s.first_row_no DESC LIMIT 1) AS s ON true;
COMMENT ON VIEW bi.quarantine IS '隔离的行、所违规则与处理结果（不含取值）/ rows kept out, the rules they break, what became of them; no values';
