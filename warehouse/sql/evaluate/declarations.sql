-- The newest declaration of each indicator up to a day, as known at a commit.
SELECT DISTINCT ON (i.indicator_id)
       i.indicator_id AS code, f.declared_on, f.value, f.half_width, f.comparator, f.basis, f.text_as_stated,
       f.approved_by, f.definition_version, f.delivery_id, f.row_no
  FROM known.fact_declaration AS f
  JOIN registry.indicator AS i USING (indicator_key)
 WHERE f.known_from <= :known_at AND :known_at < f.known_to
   AND f.declared_on <= :as_of
 ORDER BY i.indicator_id, f.declared_on DESC
