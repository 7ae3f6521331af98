-- Towns of Daxing at the date of the register, and their names as aliases.

-- target: dim_area
SELECT
    row_no,
    code || '000' AS area_id,
    code || '000' AS area_code,
    area_name,
    'town' AS area_level,
    district_code || '000000' AS parent_area_id,
    CASE
        WHEN code >= '110115400' THEN '类似乡级单位'
        WHEN area_name LIKE '%街道' THEN '街道'
        WHEN area_name LIKE '%地区' THEN '地区(镇)'
        ELSE '镇'
    END AS unit_type
FROM staging;

-- alias: area
SELECT area_name AS alias, code || '000' AS area_id
FROM staging;
