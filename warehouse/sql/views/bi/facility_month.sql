CREATE OR REPLACE VIEW bi.facility_month AS
SELECT c.facility_id, coalesce(c.facility_name, label.unknown(f.facility_key)) AS facility_name,
       c.facility_type, c.status, f.month, f.beds, f.nursing_beds, f.occupied,
       c.area_key, p.area_code, coalesce(p.area_name, label.unknown(coalesce(c.area_key, f.facility_key))) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(coalesce(c.area_key, f.facility_key))) AS town_name,
       f.delivery_id, f.row_no,
       coalesce(p.town_name_then, label.unknown(coalesce(c.area_key, f.facility_key))) AS town_name_then
  FROM star.fact_facility_month AS f
 CROSS JOIN LATERAL (SELECT (f.month + INTERVAL '1 month' - INTERVAL '1 day')::date AS last_day) AS d
  LEFT JOIN label.facility AS c
    ON c.facility_key = f.facility_key AND d.last_day >= c.from_on AND d.last_day < c.to_on
  LEFT JOIN label.place AS p
    ON p.area_key = c.area_key AND d.last_day >= p.from_on AND d.last_day < p.to_on;
COMMENT ON VIEW bi.facility_month IS '养老机构月度床位与入住 / beds and residents of elderly-care facilities by month';
