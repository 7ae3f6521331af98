CREATE OR REPLACE VIEW bi.organisation AS
SELECT d.registration_no, d.organisation_name, d.uscc, d.organisation_type, d.is_town_federation,
       d.founded_on, d.deregistered_on, d.status, d.status_on, d.registrar,
       d.area_key, p.area_code, coalesce(p.area_name, label.unknown(d.area_key)) AS area_name,
       t.town_code, coalesce(t.town_name, label.unknown(d.area_key)) AS town_name,
       d.valid_from, nullif(d.valid_to, 'infinity') AS valid_to, label.is_current(d.valid_from, d.valid_to) AS is_current,
       d.delivery_id, d.row_no, coalesce(p.town_name_then, label.unknown(d.area_key)) AS town_name_then
  FROM star.dim_organisation AS d
 CROSS JOIN LATERAL (SELECT label.last_day(d.valid_from, d.valid_to) AS last_on) AS l
  LEFT JOIN label.place AS p
    ON p.area_key = d.area_key AND d.valid_from >= p.from_on AND d.valid_from < p.to_on
  LEFT JOIN label.place AS t
    ON t.area_key = d.area_key AND l.last_on >= t.from_on AND l.last_on < t.to_on;
COMMENT ON VIEW bi.organisation IS '社会组织版本 / social organisations, one row per version';
