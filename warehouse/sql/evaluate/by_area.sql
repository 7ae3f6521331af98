-- The figure of an indicator area by area: the same things as in its receipt.
SELECT t.area_key, sum(t.numerator) AS numerator, sum(t.denominator) AS denominator
  FROM thing AS t
 GROUP BY t.area_key
