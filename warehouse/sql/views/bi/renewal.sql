CREATE OR REPLACE VIEW bi.renewal AS
SELECT f.project_id, f.project_name, e.estate_id,
       coalesce(e.estate_name, label.unknown(f.estate_key)) AS estate_name,
       f.renewal_type, f.households, f.designated_on, f.completed_on,
       f.area_key, p.area_code, coalesce(p.area_name, label.unknown(f.area_key)) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(f.area_key)) AS town_name,
       f.delivery_id, f.row_no,
       coalesce(p.town_name_then, label.unknown(f.area_key)) AS town_name_then
  FROM star.fact_renewal AS f
 CROSS JOIN LATERAL (SELECT coalesce(f.completed_on, f.designated_on, DATE '9999-12-31') AS event_on) AS d
  LEFT JOIN label.estate AS e
    ON e.estate_key = f.estate_key AND d.event_on >= e.from_on AND d.event_on < e.to_on
  LEFT JOIN label.place AS p
    ON p.area_key = f.area_key AND d.event_on >= p.from_on AND d.event_on < p.to_on;
COMMENT ON VIEW bi.renewal IS '老旧小区改造 / renewal of old estates';
