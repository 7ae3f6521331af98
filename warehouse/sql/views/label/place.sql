-- An area and its town on any day. A town has one name whatever the day, the one of today; its name of the day is
-- town_name_then.
CREATE OR REPLACE VIEW label.place AS
SELECT a.area_key,
       greatest(a.from_on, coalesce(t.from_on, '-infinity')) AS from_on,
       least(a.to_on, coalesce(t.to_on, 'infinity')) AS to_on,
       a.area_code, a.area_name, a.area_level, a.urban_rural_class,
       o.town_key,
       CASE WHEN own THEN a.area_code ELSE t.area_code END AS town_code,
       coalesce(n.area_name, label.unknown(a.parent_area_key)) AS town_name,
       CASE WHEN own THEN a.area_name ELSE coalesce(t.area_name, label.unknown(a.parent_area_key)) END AS town_name_then
  FROM label.area AS a
  LEFT JOIN label.area AS t
    ON t.area_key = a.parent_area_key AND t.area_level IN ('town', 'virtual')
   AND a.area_level IN ('community', 'village', 'virtual')
   AND a.from_on < t.to_on AND t.from_on < a.to_on
 CROSS JOIN LATERAL (SELECT a.area_level IN ('district', 'town')
                            OR (a.area_level = 'virtual' AND t.area_key IS NULL) AS own) AS w
 CROSS JOIN LATERAL (SELECT CASE WHEN own THEN a.area_key ELSE coalesce(t.area_key, a.parent_area_key) END AS town_key) AS o
  -- Not town_key: a parent that is no town (of a district's own community) has no town's name.
  LEFT JOIN label.town_now AS n ON n.area_key = CASE WHEN own THEN a.area_key ELSE t.area_key END;
