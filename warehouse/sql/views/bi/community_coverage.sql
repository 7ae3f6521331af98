CREATE OR REPLACE VIEW bi.community_coverage AS
SELECT f.area_key, p.area_code, coalesce(p.area_name, label.unknown(f.area_key)) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(f.area_key)) AS town_name,
       f.is_urban, f.service_circle_on, f.donation_site_on, f.delivery_id, f.row_no
  FROM star.fact_community_coverage AS f
  LEFT JOIN label.place_now AS p ON p.area_key = f.area_key;
COMMENT ON VIEW bi.community_coverage IS
    '社区覆盖达标日期；覆盖率的分母取自 bi.area / days of compliance; denominators come from bi.area';
