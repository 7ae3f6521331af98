-- What is believed from this commit on.
INSERT INTO star.{target} ({columns}, known_from, delivery_id, row_no)
SELECT {columns_b}, :seq, b.delivery_id, b.row_no
  FROM believed AS b JOIN changed AS k ON ({key_b}) = ({key_k});
