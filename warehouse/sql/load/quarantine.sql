-- Bad rows of a delivery become quarantine entries, one a row, with every reason.
-- {table}, {bad}: staging table and its bad rows; :rules: the contract's rules as JSON
CREATE TEMP TABLE bad_rows ON COMMIT DROP AS
SELECT staged.row_no, {business_key} AS business_key, staged.fault, b.rule, b.found
  FROM {bad} AS b JOIN {table} AS staged USING (row_no);
INSERT INTO ledger.quarantine (delivery_id, row_no, feed, business_key, reasons)
SELECT :delivery_id, bad_rows.row_no, :feed, bad_rows.business_key, jsonb_agg(reasons.reason ORDER BY bad_rows.rule)
  FROM bad_rows
  JOIN jsonb_to_recordset(CAST(:rules AS jsonb)) AS r (rule text, columns jsonb, message_zh text, message_en text)
       ON r.rule = bad_rows.rule
 CROSS JOIN LATERAL (
       SELECT jsonb_array_elements(bad_rows.fault::jsonb) AS reason WHERE bad_rows.rule = 'fault'
        UNION ALL
       SELECT jsonb_build_object('rule', bad_rows.rule, 'columns', r.columns, 'found', bad_rows.found,
                                 'message_zh', r.message_zh, 'message_en', r.message_en)
        WHERE bad_rows.rule <> 'fault') AS reasons
 GROUP BY bad_rows.row_no, bad_rows.business_key;
