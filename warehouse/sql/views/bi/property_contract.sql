CREATE OR REPLACE VIEW bi.property_contract AS
SELECT e.estate_id, coalesce(e.estate_name, label.unknown(f.estate_key)) AS estate_name, e.households,
       b.is_three_no AS was_three_no,
       f.firm_id, f.firm_name, f.management_mode, f.starts_on, f.ends_on,
       e.area_key, p.area_code, coalesce(p.area_name, label.unknown(coalesce(e.area_key, f.estate_key))) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(coalesce(e.area_key, f.estate_key))) AS town_name,
       f.delivery_id, f.row_no,
       coalesce(p.town_name_then, label.unknown(coalesce(e.area_key, f.estate_key))) AS town_name_then
  FROM star.fact_property_contract AS f
  LEFT JOIN label.estate AS e
    ON e.estate_key = f.estate_key AND f.starts_on >= e.from_on AND f.starts_on < e.to_on
  LEFT JOIN star.dim_estate AS b
    ON b.estate_key = f.estate_key AND f.starts_on - 1 >= b.valid_from AND f.starts_on - 1 < b.valid_to
  LEFT JOIN label.place AS p
    ON p.area_key = e.area_key AND f.starts_on >= p.from_on AND f.starts_on < p.to_on;
COMMENT ON VIEW bi.property_contract IS '物业服务合同 / property-management contracts';
