-- Days on which a community reached the 15-minute circle and a donation site.

-- target: fact_community_coverage
SELECT
    row_no,
    community_code AS area_id,
    is_urban,
    service_circle_on,
    donation_site_on
FROM staging
