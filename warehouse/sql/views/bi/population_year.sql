CREATE OR REPLACE VIEW bi.population_year AS
SELECT f.area_key, p.area_code, coalesce(p.area_name, label.unknown(f.area_key)) AS area_name, p.area_level,
       p.town_code, coalesce(p.town_name, label.unknown(f.area_key)) AS town_name,
       f.year, f.residents, f.basis, f.delivery_id, f.row_no,
       coalesce(p.town_name_then, label.unknown(f.area_key)) AS town_name_then
  FROM star.fact_population_year AS f
  LEFT JOIN label.place AS p
    ON p.area_key = f.area_key
   AND make_date(f.year, 12, 31) >= p.from_on AND make_date(f.year, 12, 31) < p.to_on;
COMMENT ON VIEW bi.population_year IS '常住人口 / residents by area and year';
