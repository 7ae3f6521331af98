-- Town by town: practising medical institutions that say in their name that they belong to elderly care, beside the
-- facilities that run there.
WITH place AS (
    SELECT a.area_key, CASE WHEN a.area_level IN ('community', 'village') THEN a.parent_area_key ELSE a.area_key END AS town_key
      FROM known.dim_area AS a
     WHERE a.known_from <= :known_at AND :known_at < a.known_to AND a.valid_from <= :as_of AND :as_of < a.valid_to
), health AS (
    SELECT p.town_key, count(*) AS things
      FROM known.dim_institution AS d JOIN place AS p USING (area_key)
     WHERE d.known_from <= :known_at AND :known_at < d.known_to AND d.valid_from <= :as_of AND :as_of < d.valid_to
       AND d.status = '执业' AND d.institution_name ~ '养老|敬老|护养院'
     GROUP BY p.town_key
), care AS (
    SELECT p.town_key, count(*) AS things
      FROM known.dim_facility AS d JOIN place AS p USING (area_key)
     WHERE d.known_from <= :known_at AND :known_at < d.known_to AND d.valid_from <= :as_of AND :as_of < d.valid_to
       AND (d.status IS NULL OR d.status = '运营')
     GROUP BY p.town_key
)
SELECT h.town_key AS area_key, CAST(NULL AS text) AS entity,
       CAST(h.things AS double precision) AS left_value, CAST(coalesce(c.things, 0) AS double precision) AS right_value
  FROM health AS h LEFT JOIN care AS c USING (town_key)
