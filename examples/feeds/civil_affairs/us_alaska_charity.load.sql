-- Charities by name and postcode.

-- target: dim_organisation
SELECT
    row_no,
    'us-alaska:' || organisation_name || ':' || zip AS organisation_id,
    organisation_name || ':' || zip AS registration_no,
    organisation_name,
    'us-zip:' || zip AS area_id
FROM staging
