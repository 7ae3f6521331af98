-- Renewal projects of old estates, one row a project in an estate.

-- target: fact_renewal
SELECT
    row_no,
    project_id,
    estate_id,
    project_name,
    community_code AS area_id,
    renewal_type,
    households,
    designated_on,
    completed_on
FROM staging
