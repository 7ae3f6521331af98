-- Schools that English authorities maintain, by number; the extract has no names. A trust or federation runs some of them.

-- target: dim_school
SELECT
    row_no,
    'uk-la-maintained:' || urn AS school_registry_id,
    urn AS school_id,
    urn AS school_name,
    school_type AS school_category,
    coalesce(foundation_trust, federation) AS running_type,
    NULL AS uscc,
    'uk:england' AS area_id,
    NULL AS status
FROM staging
