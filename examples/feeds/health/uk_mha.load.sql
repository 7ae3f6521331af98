-- Organisations that reported in-patients.

-- target: dim_institution
SELECT
    row_no,
    'uk-nhs:' || institution_id AS institution_registry_id,
    institution_id,
    institution_name,
    NULL AS uscc,
    classification AS category_code,
    CASE classification WHEN 'NHS Facilities' THEN '非营利性' END AS management_class,
    NULL::int AS beds,
    NULL::int AS technicians,
    'uk:england' AS area_id,
    NULL::date AS registered_on,
    NULL::date AS deregistered_on,
    NULL AS status,
    NULL::double precision AS longitude,
    NULL::double precision AS latitude
FROM staging
