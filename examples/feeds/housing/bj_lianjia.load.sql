-- Estates as a portal listed them.

-- target: dim_estate
SELECT
    row_no,
    'cn-lianjia:' || estate_id AS estate_registry_id,
    estate_id,
    estate_name,
    district AS area_id,
    built_year
FROM staging
