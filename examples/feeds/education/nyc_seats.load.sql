-- Seats of early childhood in New York: the stock of a school year as an opening balance.

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

-- target: fact_seat_change
SELECT
    row_no,
    'us-nyc:2025:' || site_id AS change_id,
    'us-nyc:' || site_id AS school_id,
    '学前' AS stage,
    '期初' AS change_type,
    seats,
    DATE '2025-09-01' AS effective_on
FROM staging;
