-- The area of today that has this code or name.
SELECT p.area_key, p.area_code, p.area_name, p.area_level, p.town_key
  FROM label.place AS p
 WHERE p.from_on <= label.today() AND label.today() < p.to_on
   AND (p.area_code = :area OR p.area_name = :area)
 ORDER BY p.area_code
