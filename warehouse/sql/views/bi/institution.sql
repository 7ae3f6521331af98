CREATE OR REPLACE VIEW bi.institution AS
SELECT d.institution_id, d.institution_name, d.uscc, d.category_code, d.management_class, d.beds, d.technicians,
       d.registered_on, d.deregistered_on, d.status, d.longitude, d.latitude,
       d.area_key, p.area_code, coalesce(p.area_name, label.unknown(d.area_key)) AS area_name,
       t.town_code, coalesce(t.town_name, label.unknown(d.area_key)) AS town_name,
       coalesce(n.town_name, label.unknown(d.area_key)) AS town_name_now,
       d.valid_from, nullif(d.valid_to, 'infinity') AS valid_to, label.is_current(d.valid_from, d.valid_to) AS is_current,
       d.delivery_id, d.row_no, coalesce(p.town_name_then, label.unknown(d.area_key)) AS town_name_then
  FROM star.dim_institution AS d
 CROSS JOIN LATERAL (SELECT label.last_day(d.valid_from, d.valid_to) AS last_on) AS l
  LEFT JOIN label.place AS p
    ON p.area_key = d.area_key AND d.valid_from >= p.from_on AND d.valid_from < p.to_on
  LEFT JOIN label.place AS t
    ON t.area_key = d.area_key AND l.last_on >= t.from_on AND l.last_on < t.to_on
  LEFT JOIN label.place_now AS n ON n.area_key = d.area_key;
COMMENT ON VIEW bi.institution IS '医疗卫生机构版本 / health institutions, one row per version';
