-- A file may hold several versions of one thing, told apart by the source's own time: only the
-- newest good one is loaded, the others count as duplicates.
-- {table}: staging table; {bad}: its table of bad rows; {key}: key columns; {source_time}: SQL of the time
INSERT INTO {bad} (row_no, rule)
SELECT row_no, '#duplicate'
  FROM (SELECT s.row_no, {source_time} AS source_time, max({source_time}) OVER (PARTITION BY {key}) AS newest
          FROM {table} AS s JOIN ledger.delivery AS d ON d.delivery_id = :delivery_id
         WHERE s.row_no IN ({unexpected}) AND s.row_no NOT IN (SELECT row_no FROM {bad})) AS repeated
 WHERE source_time < newest;
