-- Bad rows of a delivery become quarantine entries, one a row, with every reason, and with the values that no
-- reason is about (names aside, which may be written in several ways).
-- {bad}: bad rows of the staging table; :rules: the contract's rules as JSON, each as its reason; :headers: titles of
-- the fields; :aside: columns that are no such value
INSERT INTO ledger.quarantine (delivery_id, row_no, feed, business_key, reasons, readable)
SELECT :delivery_id, e.row_no, :feed, e.business_key, e.reasons,
       jsonb_strip_nulls(to_jsonb(s)) - CAST(:aside AS text[])
       - ARRAY(SELECT jsonb_path_query(e.reasons, '$[*].columns[*]') #>> '{{}}'
               UNION ALL SELECT jsonb_path_query(e.reasons, '$[*].column') #>> '{{}}')
  FROM (SELECT b.row_no, b.business_key, jsonb_agg(reasons.reason ORDER BY b.rule) AS reasons
          FROM {bad} AS b
          JOIN jsonb_array_elements(CAST(:rules AS jsonb)) AS r (reason) ON r.reason ->> 'rule' = b.rule
         CROSS JOIN LATERAL (
               SELECT f.reason || jsonb_strip_nulls(jsonb_build_object('header', CAST(:headers AS jsonb) ->> (f.reason ->> 'column'))) AS reason
                 FROM jsonb_array_elements(b.fault::jsonb) AS f (reason) WHERE b.rule = 'fault'
                UNION ALL
               SELECT r.reason || jsonb_build_object('found', b.found) WHERE b.rule <> 'fault') AS reasons
         GROUP BY b.row_no, b.business_key) AS e
  JOIN {table} AS s USING (row_no);
