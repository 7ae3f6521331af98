-- Each contributing thing with the rows of deliveries it comes from.
SELECT t.area_key, t.entity, t.numerator, t.denominator, t.delivery_ids, t.row_nos
  FROM thing AS t
