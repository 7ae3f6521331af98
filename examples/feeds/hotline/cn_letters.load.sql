-- Letters as orders: written is opened, replied is closed. Their texts stay in the restricted schema.

-- target: dim_category
SELECT DISTINCT
    'cn-letters>' || category_1 AS category_id,
    category_1,
    false AS is_mapped,
    DATE '1900-01-01' AS valid_from
FROM staging
WHERE category_1 IS NOT NULL;

-- target: fact_work_order
SELECT
    row_no,
    'cn-letters:' || order_id AS order_id,
    'cn-letters:' || order_id AS case_id,
    'cn-letters>' || category_1 AS category_id,
    opened_at,
    closed_at,
    caller_token
FROM staging;
