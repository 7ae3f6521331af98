-- The rows of the star that are not believed any more, or not in these words, and those believed for the first time.
CREATE TEMP TABLE changed ON COMMIT DROP AS
SELECT {key_k}, c.delivery_id IS NOT NULL AS was_there, b.delivery_id IS NOT NULL AS is_there, b.delivery_id AS teller
  FROM (SELECT DISTINCT {key} FROM concerned) AS k
  LEFT JOIN star.{target} AS c ON ({key_c}) = ({key_k})
  LEFT JOIN believed AS b ON ({key_b}) = ({key_k})
 WHERE ({columns_c}) IS DISTINCT FROM ({columns_b});
