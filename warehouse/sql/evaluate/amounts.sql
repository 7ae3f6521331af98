-- Each contributing thing with its amounts, without the rows it comes from.
SELECT t.area_key, t.entity, t.numerator, t.denominator
  FROM thing AS t
