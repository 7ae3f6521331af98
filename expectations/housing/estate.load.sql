-- Residential estates, managed or not, as of the end of the quarter.

-- target: dim_estate
SELECT
    row_no,
    estate_id,
    estate_name,
    community_code AS area_id,
    households,
    built_year,
    is_three_no,
    is_old_estate
FROM staging
