-- 4. 每万常住人口医疗、养老机构数，按boundary_on当时区划与现行区划 / health and elderly institutions per 10,000 residents,
-- under the boundaries of a day (2020-12-31) and of today, each town under its present name. Rows: year x boundaries x town; no residents, no rate.
WITH year AS (
    SELECT y AS year, make_date(y, 12, 31) AS day FROM generate_series(CAST(:year_from AS int), CAST(:year_to AS int)) AS y
), thing AS (
    SELECT y.year, 'health' AS kind, d.area_key FROM year AS y JOIN bi.institution AS d
        ON d.valid_from <= y.day AND (d.valid_to IS NULL OR y.day < d.valid_to)
       AND d.status = '执业' AND (d.deregistered_on IS NULL OR d.deregistered_on > y.day)
    UNION ALL
    SELECT y.year, 'elderly', d.area_key FROM year AS y JOIN bi.facility AS d
        ON d.valid_from <= y.day AND (d.valid_to IS NULL OR y.day < d.valid_to)
       AND d.status = '运营' AND (d.closed_on IS NULL OR d.closed_on > y.day)
), belongs AS (
    SELECT 'then' AS boundaries, a.area_key, a.town_code, a.town_name FROM bi.area AS a
     WHERE a.valid_from <= :boundary_on AND (a.valid_to IS NULL OR :boundary_on < a.valid_to)
    UNION ALL
    SELECT 'today', a.area_key, a.town_code, a.town_name_now FROM bi.area AS a WHERE a.is_current
), counted AS (
    SELECT t.year, b.boundaries, coalesce(n.town_code, '') AS town_code, coalesce(n.town_name, '未知') AS town_name,
           count(*) FILTER (WHERE t.kind = 'health') AS health, count(*) FILTER (WHERE t.kind = 'elderly') AS elderly
      FROM thing AS t CROSS JOIN (VALUES ('then'), ('today')) AS b (boundaries)
      LEFT JOIN belongs AS n ON n.area_key = t.area_key AND n.boundaries = b.boundaries
     GROUP BY 1, 2, 3, 4
)
SELECT c.year, c.boundaries, c.town_name, c.health, c.elderly, p.residents,
       c.health * CAST(10000 AS double precision) / nullif(p.residents, 0) AS health_per_10k,
       c.elderly * CAST(10000 AS double precision) / nullif(p.residents, 0) AS elderly_per_10k
  FROM counted AS c
  LEFT JOIN bi.population_year AS p ON p.area_code = c.town_code AND p.year = c.year
 ORDER BY c.year, c.boundaries, c.town_name
