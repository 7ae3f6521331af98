-- Charities by name and postcode.

-- target: dim_organisation
SELECT
    row_no,
    'us-alaska:' || organisation_name || ':' || zip AS organisation_id,
    organisation_name || ':' || zip AS registration_no,
    organisation_name,
    NULL AS uscc,
    NULL AS organisation_type,
    'us-zip:' || zip AS area_id,
    NULL::boolean AS is_town_federation,
    NULL::date AS founded_on,
    NULL::date AS deregistered_on,
    NULL AS status,
    NULL::date AS status_on,
    NULL AS registrar
FROM staging
