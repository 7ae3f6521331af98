-- The rows that a failed rule means, with what was found in them. A table of its own between,
-- since PostgreSQL reads in parallel for CREATE TABLE AS and not for INSERT.
-- {table}: staging table; {bad}: its table of bad rows; {unexpected}: query of their row numbers
CREATE TEMP TABLE offenders ON COMMIT DROP AS
SELECT staged.row_no, {found} AS found
  FROM {table} AS staged
 WHERE staged.row_no IN ({unexpected});
INSERT INTO {bad} (row_no, rule, found) SELECT row_no, :rule, found FROM offenders;
