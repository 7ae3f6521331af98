-- The first rows of the broken rules whose cells may be shown.
-- {bad}: bad rows of the staging table
SELECT row_no, rule
  FROM {bad}
 WHERE rule = ANY (:rules)
 ORDER BY row_no, rule
 LIMIT :most;
