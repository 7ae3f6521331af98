-- Every area's town on a day, as known at a commit: the version of the day, else the nearest one.
SELECT DISTINCT ON (a.area_key) a.area_key, a.area_code, a.area_name, a.area_level,
       CASE a.area_level WHEN 'town' THEN a.area_key WHEN 'district' THEN NULL ELSE a.parent_area_key END AS town_key
  FROM known.dim_area AS a
 WHERE a.known_from <= :known_at AND :known_at < a.known_to
 ORDER BY a.area_key, NOT (a.valid_from <= :day AND :day < a.valid_to), abs(a.valid_from - :day)
