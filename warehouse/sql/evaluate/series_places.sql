-- Every area's town on a day and today.
SELECT p.area_key, p.town_key AS town_then, n.town_key AS town_today
  FROM label.place AS p
  LEFT JOIN label.place_now AS n USING (area_key)
 WHERE p.from_on <= CAST(:day AS date) AND CAST(:day AS date) < p.to_on
