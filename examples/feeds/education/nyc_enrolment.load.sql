-- Sites of early childhood as schools, as observed in 2024-25.

-- target: dim_area
SELECT DISTINCT
    'us-nyc:' || borough AS area_id,
    borough AS area_code,
    borough AS area_name,
    'district' AS area_level,
    'Borough' AS unit_type,
    DATE '1900-01-01' AS valid_from
FROM staging;

-- target: dim_school
SELECT
    row_no,
    'us-nyc:' || site_id AS school_registry_id,
    site_id AS school_id,
    site_name AS school_name,
    site_type AS school_category,
    'us-nyc:' || borough AS area_id
FROM staging;
