-- Schools of one English authority as an older edition of the register had them.

-- target: dim_school
SELECT
    row_no,
    'uk-urn-old:' || urn AS school_registry_id,
    urn AS school_id,
    school_name,
    phase AS school_category,
    split_part(tag, ':', 1) AS running_type,
    NULL AS uscc,
    'uk-la:919' AS area_id,
    CASE WHEN ended_on IS NULL THEN '正常' ELSE '停办' END AS status
FROM staging
