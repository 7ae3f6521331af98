-- Establishments of England and Wales by their number; the extract has no names.

-- target: dim_school
SELECT
    row_no,
    'uk-establishment:' || urn AS school_registry_id,
    urn AS school_id,
    urn AS school_name,
    establishment_group AS school_category,
    establishment_type AS running_type,
    NULL AS uscc,
    'uk:england-wales' AS area_id,
    NULL AS status
FROM staging
