-- Hospitals without ids: the city's code and the name stand for one.

-- target: dim_institution
SELECT
    row_no,
    'cn-wuhan2020map:' || city_code || ':' || institution_name AS institution_registry_id,
    city_code || ':' || institution_name AS institution_id,
    institution_name,
    category AS category_code,
    CASE WHEN category LIKE '民营%' THEN '营利性' END AS management_class,
    city_code || '000000' AS area_id
FROM staging
