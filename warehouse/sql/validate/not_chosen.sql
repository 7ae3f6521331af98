-- Of good rows that share a business key the contract says which one counts (`rowThatCounts`); the others are duplicates.
-- Rows that are equal in what decides still contradict each other.
-- {table}: staging table; {bad}: its table of bad rows; {key_s}: key columns; {chosen}: the order, the row that counts first
INSERT INTO {bad} (row_no, rule)
SELECT row_no, '#duplicate'
  FROM (SELECT s.row_no, rank() OVER (PARTITION BY {key_s} ORDER BY {chosen}) AS place
          FROM {table} AS s
         WHERE s.row_no IN ({unexpected}) AND s.row_no NOT IN (SELECT row_no FROM {bad})) AS repeated
 WHERE place > 1;
