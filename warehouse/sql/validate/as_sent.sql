-- What broken rules found, as the file has it.
-- {bad}: bad rows of the staging table
UPDATE {bad} AS b
   SET found = s.found
  FROM unnest(CAST(:row_nos AS int[]), CAST(:rules AS text[]), CAST(:founds AS text[])) AS s (row_no, rule, found)
 WHERE b.row_no = s.row_no AND b.rule = s.rule;
