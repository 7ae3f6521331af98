-- Residents of an area in a year.

-- target: fact_population_year
SELECT
    row_no,
    division_code AS area_id,
    year,
    residents,
    basis
FROM staging
