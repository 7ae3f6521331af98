-- Bad rows of a delivery become quarantine entries, one a row, with every reason, and with the values that no
-- reason is about (names aside, which may be written in several ways).
-- {bad}: bad rows of the staging table; :rules: the contract's rules as JSON; :aside: columns that are no such value
INSERT INTO ledger.quarantine (delivery_id, row_no, feed, business_key, reasons, readable)
SELECT :delivery_id, e.row_no, :feed, e.business_key, e.reasons,
       jsonb_strip_nulls(to_jsonb(s)) - CAST(:aside AS text[])
       - ARRAY(SELECT jsonb_path_query(e.reasons, '$[*].columns[*]') #>> '{{}}'
               UNION ALL SELECT jsonb_path_query(e.reasons, '$[*].column') #>> '{{}}')
  FROM (SELECT b.row_no, b.business_key, jsonb_agg(reasons.reason ORDER BY b.rule) AS reasons
          FROM {bad} AS b
          JOIN jsonb_to_recordset(CAST(:rules AS jsonb)) AS r (rule text, columns jsonb, message_zh text, message_en text)
               ON r.rule = b.rule
         CROSS JOIN LATERAL (
               SELECT jsonb_array_elements(b.fault::jsonb) AS reason WHERE b.rule = 'fault'
                UNION ALL
               SELECT jsonb_build_object('rule', b.rule, 'columns', r.columns, 'found', b.found,
                                         'message_zh', r.message_zh, 'message_en', r.message_en)
                WHERE b.rule <> 'fault') AS reasons
         GROUP BY b.row_no, b.business_key) AS e
  JOIN {table} AS s USING (row_no);
