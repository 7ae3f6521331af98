-- The figure of an indicator (area_key NULL, is_whole 1) and the same area by area: the things of its receipt, added up.
SELECT GROUPING(t.area_key) AS is_whole, t.area_key, count(*) AS things,
       sum(t.numerator) AS numerator, sum(t.denominator) AS denominator
  FROM thing AS t
 GROUP BY GROUPING SETS ((), (t.area_key))
 ORDER BY is_whole DESC, t.area_key
