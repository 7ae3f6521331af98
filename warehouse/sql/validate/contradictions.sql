-- Rows that share a business key with different content: nobody can say which
-- one is right, so none is loaded. Faulty rows and exact duplicates have been taken out before.
-- {table}: staging table; {bad}: its table of bad rows; {key}: key columns
INSERT INTO {bad} (row_no, rule, found, business_key)
SELECT row_no, :rule, business_key AS found, business_key
  FROM (SELECT row_no, {business_key} AS business_key, count(*) OVER (PARTITION BY {key}) AS occurrences
          FROM {table} AS staged
         WHERE row_no IN ({unexpected}) AND row_no NOT IN (SELECT row_no FROM {bad})) AS repeated
 WHERE occurrences > 1;
