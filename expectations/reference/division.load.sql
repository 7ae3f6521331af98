-- The register of areas at one date, and the names under which towns are known.

-- target: dim_area
SELECT
    row_no,
    division_code AS area_id,
    division_code AS area_code,
    division_name AS area_name,
    CASE level
        WHEN '区县' THEN 'district'
        WHEN '镇街' THEN 'town'
        WHEN '社区' THEN 'community'
        WHEN '村' THEN 'village'
        WHEN '虚拟' THEN 'virtual'
    END AS area_level,
    parent_code AS parent_area_id,
    urban_rural_class,
    unit_type,
    is_etown
FROM staging

-- alias: area
-- Names of communities and villages are not unique: only the district's and the towns' stand for a code.
SELECT DISTINCT
    btrim(name) AS alias,
    division_code AS area_id
FROM staging
CROSS JOIN LATERAL unnest(string_to_array(concat_ws(';', division_name, aliases), ';')) AS names (name)
WHERE level IN ('区县', '镇街') AND btrim(name) <> ''
