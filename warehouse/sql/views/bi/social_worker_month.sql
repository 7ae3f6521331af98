CREATE OR REPLACE VIEW bi.social_worker_month AS
SELECT f.area_key, p.area_code, coalesce(p.area_name, label.unknown(f.area_key)) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(f.area_key)) AS town_name,
       f.month, f.community_workers, f.certified_community_workers,
       f.professionals, f.certified_professionals, f.delivery_id, f.row_no,
       coalesce(p.town_name_then, label.unknown(f.area_key)) AS town_name_then
  FROM star.fact_social_worker_month AS f
 CROSS JOIN LATERAL (SELECT (f.month + INTERVAL '1 month' - INTERVAL '1 day')::date AS last_day) AS d
  LEFT JOIN label.place AS p
    ON p.area_key = f.area_key AND d.last_day >= p.from_on AND d.last_day < p.to_on;
COMMENT ON VIEW bi.social_worker_month IS '社工与社区工作者月度汇总 / social-work staff by town and month, aggregates only';
