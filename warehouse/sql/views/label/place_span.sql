-- Places with their versions in arrays, read by width_bucket(day, from_on). Millions of orders need lookups with one
-- row per key: only then a lookup that nobody asks for is not done at all.
CREATE OR REPLACE VIEW label.place_span AS
SELECT area_key, array_agg(from_on ORDER BY from_on) AS from_on,
       array_agg(area_code ORDER BY from_on) AS area_code, array_agg(area_name ORDER BY from_on) AS area_name,
       array_agg(area_level ORDER BY from_on) AS area_level,
       array_agg(town_code ORDER BY from_on) AS town_code, array_agg(town_name ORDER BY from_on) AS town_name,
       array_agg(town_name_then ORDER BY from_on) AS town_name_then
  FROM label.place GROUP BY area_key;
