-- Counties, towns and villages of one flat list. The statistics write the same codes with eleven
-- digits: county (5), town (3), village (3); so do we: 6300100-002 is 63000 010 002.

-- target: dim_area
WITH codes AS (
    SELECT
        *,
        rpad(county_code, 5, '0') AS county_5,
        substr(town_code, CASE length(county_code) WHEN 2 THEN 4 ELSE 6 END, 2) || '0' AS town_3,
        right(village_code, 3) AS village_3
    FROM staging
)
SELECT
    row_no,
    'tw:' || county_5 || town_3 || village_3 AS area_id,
    county_5 || town_3 || village_3 AS area_code,
    village AS area_name,
    CASE WHEN right(village, 1) = '村' THEN 'village' ELSE 'community' END AS area_level,
    'tw:' || county_5 || town_3 AS parent_area_id,
    NULL AS urban_rural_class,
    right(village, 1) AS unit_type,
    NULL::boolean AS is_etown
FROM codes
UNION ALL
SELECT DISTINCT
    NULL::int, 'tw:' || county_5 || town_3, county_5 || town_3, town, 'town',
    'tw:' || county_5, NULL, right(town, 1), NULL::boolean
FROM codes
UNION ALL
SELECT DISTINCT
    NULL::int, 'tw:' || county_5, county_5, county, 'district',
    NULL, NULL, right(county, 1), NULL::boolean
FROM codes;

-- alias: area
-- Older statistics know a village by its names only; 台 and 臺 are one character in them.
SELECT
    'tw:' || replace(county || town || village, '台', '臺') AS alias,
    'tw:' || rpad(county_code, 5, '0')
    || substr(town_code, CASE length(county_code) WHEN 2 THEN 4 ELSE 6 END, 2) || '0'
    || right(village_code, 3) AS area_id
FROM staging;
