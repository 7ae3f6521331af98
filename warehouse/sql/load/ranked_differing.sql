-- The incoming rows that the fact does not have as they are: those that it has in other words, those that it has
-- under other names for the same things, and those that it does not have at all; with what told the fact's row and of
-- which time. Found in one parallel reading
-- (CREATE TABLE AS; neither DELETE nor INSERT reads in parallel), so that what follows touches these only.
CREATE TEMP TABLE differing ON COMMIT DROP AS
SELECT i.*, c.delivery_id AS teller, c.source_at AS told_at, c.delivery_id IS NOT NULL AS is_known, (({columns_c}) IS NOT DISTINCT FROM ({columns_i})) AS is_same
  FROM {incoming} AS i LEFT JOIN star.{target} AS c ON ({key_c}) = ({key_i})
 WHERE ({row_c}) IS DISTINCT FROM ({row_i});
