-- What has no current row (new, or just moved to the history) gets one.
INSERT INTO star.{target} ({row}, known_from, delivery_id, row_no)
SELECT {row}, :seq, :delivery_id, row_no
  FROM {incoming} AS i;
