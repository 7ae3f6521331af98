-- The doubtful rows that are open at a commit: which row they read, what belongs together, what they would replace, and
-- whether the thing that they are about (unplaced), or one that they name (adrift), is not known.
SELECT x.target, n.doubtful_id, n.delivery_id, n.row_no AS entry_row, CAST(o.unit AS text) AS unit, x.is_unplaced, x.is_adrift,
       x.delivery_id AS replaces_delivery, x.row_no AS replaces_row
  FROM ({open}) AS x (target, doubtful_row, is_unplaced, is_adrift, delivery_id, row_no)
  JOIN ledger.doubtful AS n ON n.doubtful_id = -x.doubtful_row
  JOIN ledger.open_entry AS o ON o.delivery_id = n.delivery_id AND o.row_no = n.row_no AND o.known_from <= :known_at AND :known_at < o.known_to
