CREATE OR REPLACE VIEW bi.housing_milestone AS
SELECT f.project_id, f.project_name, f.lot_id, f.housing_type, f.milestone, f.milestone_on, f.units,
       f.area_key, p.area_code, coalesce(p.area_name, label.unknown(f.area_key)) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(f.area_key)) AS town_name,
       f.delivery_id, f.row_no,
       coalesce(p.town_name_then, label.unknown(f.area_key)) AS town_name_then
  FROM star.fact_housing_milestone AS f
  LEFT JOIN label.place AS p
    ON p.area_key = f.area_key AND f.milestone_on >= p.from_on AND f.milestone_on < p.to_on;
COMMENT ON VIEW bi.housing_milestone IS '保障房节点：开工、竣工、交付 / affordable housing: started, completed, delivered';
