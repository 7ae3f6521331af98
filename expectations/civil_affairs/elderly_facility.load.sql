-- Elderly-care facilities as of the end of the month, and their beds and residents in it.

-- target: dim_facility
SELECT
    row_no,
    facility_id,
    facility_name,
    filing_no,
    facility_type,
    town AS area_id,
    opened_on,
    closed_on,
    status
FROM staging;

-- target: fact_facility_month
SELECT
    row_no,
    facility_id,
    date_trunc('month', CAST(:period_start AS timestamp))::date AS month,
    beds,
    nursing_beds,
    occupied
FROM staging;
