-- Health institutions as of the end of the month.
-- Serials of small clinics are reused, so the registry's id has the registration day.

-- target: dim_institution
SELECT
    row_no,
    institution_id || '@' || to_char(registered_on, 'YYYY-MM-DD') AS institution_registry_id,
    institution_id,
    institution_name,
    uscc,
    category_code,
    management_class,
    beds,
    technicians,
    division_code AS area_id,
    registered_on,
    deregistered_on,
    status,
    longitude,
    latitude
FROM staging
