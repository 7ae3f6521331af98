-- Estates of the register, and those whose place is a community or a village of the register on the day.
WITH area AS (
    SELECT a.area_key, a.area_level, a.parent_area_key
      FROM known.dim_area AS a
     WHERE a.known_from <= :known_at AND :known_at < a.known_to AND a.valid_from <= :as_of AND :as_of < a.valid_to
)
SELECT coalesce(a.parent_area_key, -1) AS area_key, CAST(NULL AS text) AS entity,
       CAST(count(*) AS double precision) AS left_value,
       CAST(count(*) FILTER (WHERE a.area_level IN ('community', 'village')) AS double precision) AS right_value
  FROM known.dim_estate AS e
  LEFT JOIN area AS a USING (area_key)
 WHERE e.known_from <= :known_at AND :known_at < e.known_to AND e.valid_from <= :as_of AND :as_of < e.valid_to
 GROUP BY 1
