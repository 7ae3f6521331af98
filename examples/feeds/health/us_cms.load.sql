-- American hospitals; the registry id says whose id it is.

-- target: dim_institution
SELECT
    row_no,
    'us-cms:' || institution_id AS institution_registry_id,
    institution_id,
    institution_name,
    NULL AS uscc,
    hospital_type AS category_code,
    CASE WHEN ownership IN ('Proprietary', 'Physician') THEN '营利性' ELSE '非营利性' END AS management_class,
    NULL::int AS beds,
    NULL::int AS technicians,
    'us:' || state AS area_id,
    NULL::date AS registered_on,
    NULL::date AS deregistered_on,
    NULL AS status,
    NULL::double precision AS longitude,
    NULL::double precision AS latitude
FROM staging
