-- The things of a coverage that are not covered.
SELECT t.area_key, t.entity
  FROM thing AS t
 WHERE t.numerator = 0
 ORDER BY t.area_key, t.entity
