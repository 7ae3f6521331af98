-- The rows that the failed rules mean, each with what was found and the thing it is about: the rules'
-- queries in one, the staging table joined once. CREATE TABLE AS, and no temporary table between, since
-- PostgreSQL reads in parallel only then; it joins the small side first only if it knows that it is small.
-- A cell that could not be read is not empty as well, nor is a row: {unread} says where a rule is answered by the row's fault.
-- {table}: staging table; {bad}: its table of bad rows; {offenders}: query of (row_no, rule)
DROP TABLE IF EXISTS {bad}, {bad}_found;
CREATE UNLOGGED TABLE {bad}_found (row_no, rule) AS {offenders};
ANALYZE {bad}_found;
CREATE UNLOGGED TABLE {bad} AS
SELECT staged.row_no, o.rule, {found} AS found, {business_key} AS business_key,
       CASE o.rule WHEN 'fault' THEN staged.fault END AS fault
  FROM {bad}_found AS o JOIN {table} AS staged USING (row_no)
 WHERE NOT ({unread});
DROP TABLE {bad}_found;
