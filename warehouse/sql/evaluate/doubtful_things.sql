-- The things to which doubtful rows would contribute (their row numbers are negative); read with search_path `possible`.
SELECT t.area_key, t.entity, t.numerator, t.denominator, t.delivery_ids, t.row_nos
  FROM thing AS t
 WHERE EXISTS (SELECT FROM unnest(t.row_nos) AS r (row_no) WHERE r.row_no < 0)
