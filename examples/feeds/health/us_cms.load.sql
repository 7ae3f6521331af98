-- American hospitals; the registry id says whose id it is.

-- target: dim_institution
SELECT
    row_no,
    'us-cms:' || institution_id AS institution_registry_id,
    institution_id,
    institution_name,
    hospital_type AS category_code,
    CASE WHEN ownership IN ('Proprietary', 'Physician') THEN '营利性' ELSE '非营利性' END AS management_class,
    'us:' || state AS area_id
FROM staging
