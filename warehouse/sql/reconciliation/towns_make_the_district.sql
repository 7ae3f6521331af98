-- Residents: the sum of the towns beside the district's own figure, in the last year that both have.
WITH told AS (
    SELECT p.year, a.area_level, a.area_key, a.parent_area_key, p.residents
      FROM known.fact_population_year AS p
      JOIN known.dim_area AS a USING (area_key)
     WHERE p.known_from <= :known_at AND :known_at < p.known_to
       AND a.known_from <= :known_at AND :known_at < a.known_to AND a.valid_from <= :as_of AND :as_of < a.valid_to
       AND p.year <= date_part('year', CAST(:as_of AS date))
)
SELECT d.area_key, CAST(d.year AS text) AS entity,
       CAST(sum(t.residents) AS double precision) AS left_value, CAST(d.residents AS double precision) AS right_value
  FROM told AS d JOIN told AS t ON t.parent_area_key = d.area_key AND t.year = d.year AND t.area_level = 'town'
 WHERE d.area_level = 'district'
 GROUP BY d.area_key, d.year, d.residents
 ORDER BY d.year DESC
 LIMIT 1
