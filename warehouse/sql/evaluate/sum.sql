-- The figure of an indicator: the same things as in its receipt, added up.
SELECT count(*) AS things, sum(t.numerator) AS numerator, sum(t.denominator) AS denominator,
       array_agg(DISTINCT t.area_key) FILTER (WHERE t.numerator IS NOT NULL) AS areas
  FROM thing AS t
