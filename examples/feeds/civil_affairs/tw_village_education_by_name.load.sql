-- Residents aged 15 and over of each village, known by its names only.

-- target: fact_population_year
SELECT
    row_no,
    'tw:' || replace(district_name, ' ', '') || village_name AS area_id,
    extract(YEAR FROM reported_on)::int AS year,
    residents_15up AS residents,
    '15岁及以上（村里教育程度统计）' AS basis
FROM staging
