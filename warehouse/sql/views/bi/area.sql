CREATE OR REPLACE VIEW bi.area AS
SELECT a.area_key, a.area_code, a.area_name, a.area_level, t.town_code, t.town_name, n.town_name AS town_name_now,
       a.urban_rural_class, a.unit_type, a.is_etown,
       a.valid_from, nullif(a.valid_to, 'infinity') AS valid_to, label.is_current(a.valid_from, a.valid_to) AS is_current,
       a.delivery_id, a.row_no, p.town_name_then AS town_name_then
  FROM star.dim_area AS a
 CROSS JOIN LATERAL (SELECT label.last_day(a.valid_from, a.valid_to) AS last_on) AS l
  LEFT JOIN label.place AS p
    ON p.area_key = a.area_key AND a.valid_from >= p.from_on AND a.valid_from < p.to_on
  LEFT JOIN label.place AS t
    ON t.area_key = a.area_key AND l.last_on >= t.from_on AND l.last_on < t.to_on
  LEFT JOIN label.place_now AS n ON n.area_key = a.area_key;
COMMENT ON VIEW bi.area IS '区划版本 / areas, one row per version';
