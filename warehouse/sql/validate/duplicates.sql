-- Of the rows that share a business key, those equal in every column to an earlier one are
-- duplicates: harmless, dropped, counted. What is left is a contradiction, for quarantine.
-- {table}: staging table; {bad}: its table of bad rows; {key}: key columns; {columns}: all typed columns
INSERT INTO {bad} (row_no, rule)
SELECT row_no, '#duplicate'
  FROM (SELECT row_no,
               row_number() OVER (PARTITION BY {columns} ORDER BY row_no) AS occurrence
          FROM {table} AS staged
         WHERE row_no IN ({unexpected})) AS repeated
 WHERE occurrence > 1;
