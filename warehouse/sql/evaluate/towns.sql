-- The town units of the register on a day, as known at a commit: every one but the statistical ones is expected to report.
SELECT a.area_key, a.area_name
  FROM known.dim_area AS a
 WHERE a.known_from <= :known_at AND :known_at < a.known_to
   AND a.valid_from <= :as_of AND :as_of < a.valid_to
   AND a.area_level = 'town'
   AND coalesce(a.unit_type, '') <> ALL (CAST(:statistical_unit_types AS text[]))
