-- Seats of early childhood in New York: the stock of a school year as an opening balance.

-- target: dim_area
SELECT DISTINCT
    'us-nyc:' || borough AS area_id,
    borough AS area_code,
    borough AS area_name,
    'district' AS area_level,
    NULL AS parent_area_id,
    NULL AS urban_rural_class,
    'Borough' AS unit_type,
    NULL::boolean AS is_etown,
    DATE '1900-01-01' AS valid_from
FROM staging;

-- target: dim_school
SELECT
    row_no,
    'us-nyc:' || site_id AS school_registry_id,
    site_id AS school_id,
    site_name AS school_name,
    site_type AS school_category,
    NULL AS running_type,
    NULL AS uscc,
    'us-nyc:' || borough AS area_id,
    NULL AS status
FROM staging;

-- target: fact_seat_change
SELECT
    row_no,
    'us-nyc:2025:' || site_id AS change_id,
    'us-nyc:' || site_id AS school_id,
    '学前' AS stage,
    '期初' AS change_type,
    seats,
    DATE '2025-09-01' AS effective_on,
    NULL AS document_no
FROM staging;
