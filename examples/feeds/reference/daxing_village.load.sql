-- Communities, villages and virtual units of Daxing at the date of the register.

-- target: dim_area
SELECT
    row_no,
    code AS area_id,
    code AS area_code,
    area_name,
    CASE
        WHEN right(code, 3) < '200' THEN 'community'
        WHEN right(code, 3) < '400' THEN 'village'
        ELSE 'virtual'
    END AS area_level,
    town_code || '000' AS parent_area_id,
    CASE
        WHEN area_name LIKE '%村委会' THEN '村委会'
        WHEN area_name ~ '(居委会|居民委员会)$' THEN '社区居委会'
    END AS unit_type
FROM staging
