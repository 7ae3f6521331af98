-- The register of areas at one date, the towns as handling units, and the names under which both are known.

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
FROM staging;

-- target: dim_unit
-- A town handles orders as one unit, whatever it is called; its current name counts for all times.
SELECT
    row_no,
    'town:' || division_code AS unit_id,
    regexp_replace(division_name, '(街道|地区)办事处$', '\1') AS unit_name,
    'town' AS unit_kind,
    division_code AS area_id,
    DATE '1900-01-01' AS valid_from
FROM staging
WHERE level = '镇街';

-- alias: area
-- Names of communities and villages are not unique: only the district's and the towns' stand for a code,
-- in every form in which they are written.
SELECT DISTINCT
    form AS alias,
    division_code AS area_id
FROM staging
CROSS JOIN LATERAL unnest(string_to_array(concat_ws(';', division_name, aliases), ';')) AS names (name)
CROSS JOIN LATERAL star.forms_of_place(btrim(name), ARRAY(
    SELECT btrim(d.name)
    FROM staging AS above
    CROSS JOIN LATERAL unnest(string_to_array(concat_ws(';', above.division_name, above.aliases), ';')) AS d (name)
    WHERE above.level = '区县' AND staging.level = '镇街' AND btrim(d.name) <> ''
)) AS form
WHERE level IN ('区县', '镇街') AND btrim(name) <> '';

-- alias: unit
SELECT DISTINCT
    form AS alias,
    'town:' || division_code AS unit_id
FROM staging
CROSS JOIN LATERAL unnest(string_to_array(concat_ws(';', division_name, aliases), ';')) AS names (name)
CROSS JOIN LATERAL star.forms_of_place(btrim(name), ARRAY(
    SELECT btrim(d.name)
    FROM staging AS above
    CROSS JOIN LATERAL unnest(string_to_array(concat_ws(';', above.division_name, above.aliases), ';')) AS d (name)
    WHERE above.level = '区县' AND btrim(d.name) <> ''
)) AS form
WHERE level = '镇街' AND btrim(name) <> '';
