-- The rows of one table of the star, as known at a commit, that figures hang on.
-- :delivery_ids, :row_nos: where they come from, side by side
SELECT t.*
  FROM known.{table} AS t
  JOIN (SELECT DISTINCT w.delivery_id, w.row_no
          FROM unnest(CAST(:delivery_ids AS bigint[]), CAST(:row_nos AS bigint[])) AS w (delivery_id, row_no)) AS s
    ON s.delivery_id = t.delivery_id AND s.row_no = t.row_no
 WHERE t.known_from <= :known_at AND :known_at < t.known_to
 ORDER BY t.delivery_id, t.row_no
