-- Schools of one English authority; the end date says whether one still exists.

-- target: dim_school
SELECT
    row_no,
    'uk-urn:' || school_id AS school_registry_id,
    school_id,
    school_name,
    school_type AS school_category,
    'uk-la:919' AS area_id,
    CASE WHEN ended_on <= :period_end THEN '停办' ELSE '正常' END AS status
FROM staging
