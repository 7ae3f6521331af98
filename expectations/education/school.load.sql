-- Schools as of 1 September of the year that the list reports on.

-- target: dim_school
SELECT
    row_no,
    school_id,
    school_name,
    school_category,
    running_type,
    uscc,
    division_code AS area_id,
    status,
    make_date(extract(year FROM CAST(:period_start AS date))::int, 9, 1) AS valid_from
FROM staging
