-- Organisations that reported in-patients.

-- target: dim_institution
SELECT
    row_no,
    'uk-nhs:' || institution_id AS institution_registry_id,
    institution_id,
    institution_name,
    classification AS category_code,
    CASE classification WHEN 'NHS Facilities' THEN '非营利性' END AS management_class,
    'uk:england' AS area_id
FROM staging
