-- Tables of the warehouse that hold rows, with those that others refer to first.
SELECT format('%I.%I', n.nspname, c.relname) AS name,
       (SELECT string_agg(format('%I', attname), ', ' ORDER BY attnum)
          FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns,
       (SELECT string_agg(format('%I %s%s', attname, format_type(atttypid, atttypmod),
                                 CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END), ', ' ORDER BY attnum)
          FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS definition
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND n.nspname IN ('ledger', 'registry', 'star', 'history', 'restricted')
 ORDER BY array_position(ARRAY['archive', 'contract', 'delivery'], c.relname::text) NULLS LAST, n.nspname, c.relname
