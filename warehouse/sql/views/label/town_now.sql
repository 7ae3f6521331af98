-- What a town is called today: by the last version that has begun, or by the first that will.
CREATE OR REPLACE VIEW label.town_now AS
SELECT DISTINCT ON (area_key) area_key, area_name
  FROM star.dim_area
 WHERE area_level IN ('district', 'town', 'virtual')
 ORDER BY area_key, valid_from > label.today(), abs(valid_from - label.today());
