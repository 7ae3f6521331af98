-- A file may hold several versions of one thing, told apart by the source's own time: only the
-- newest is loaded, the others count as duplicates.
-- {table}: staging table; {bad}: its table of bad rows; {key}: key columns; {source_time}: its column
INSERT INTO {bad} (row_no, rule)
SELECT row_no, '#duplicate'
  FROM (SELECT row_no, {source_time} AS source_time,
               max({source_time}) OVER (PARTITION BY {key}) AS newest
          FROM {table} AS staged
         WHERE row_no IN ({unexpected})
           AND row_no NOT IN (SELECT row_no FROM {bad} WHERE rule = '#duplicate')) AS repeated
 WHERE source_time < newest;
