-- Social organisations as of the end of the month; older ones have no unified code.

-- target: dim_organisation
SELECT
    row_no,
    registration_no AS organisation_id,
    registration_no,
    organisation_name,
    uscc,
    organisation_type,
    town AS area_id,
    is_town_federation,
    founded_on,
    deregistered_on,
    status,
    status_on,
    registrar
FROM staging
