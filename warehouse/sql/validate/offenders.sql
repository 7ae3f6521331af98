-- The rows that a failed rule means, with what was found in them.
INSERT INTO {bad} (row_no, rule, found)
SELECT staged.row_no, :rule, {found}
  FROM {table} AS staged
 WHERE staged.row_no IN ({unexpected});
