-- The incoming rows that the fact does not have as they are: those that it has in other words, and those
-- that it does not have at all. Found in one parallel reading (CREATE TABLE AS; neither DELETE nor INSERT
-- reads in parallel), so that what follows touches these only.
CREATE TEMP TABLE differing ON COMMIT DROP AS
SELECT i.*, {known} AS is_known
  FROM ({incoming}) AS i LEFT JOIN star.{target} AS c ON {same_key}
 WHERE ({columns_c}) IS DISTINCT FROM ({columns_i});
