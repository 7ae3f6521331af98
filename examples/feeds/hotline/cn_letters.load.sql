-- Letters as orders: written is opened, replied is closed. Their texts stay in the restricted schema.

-- target: dim_category
SELECT DISTINCT
    'cn-letters>' || category_1 AS category_id,
    category_1,
    NULL AS category_2,
    NULL AS category_3,
    false AS is_mapped,
    DATE '1900-01-01' AS valid_from
FROM staging
WHERE category_1 IS NOT NULL;

-- target: fact_work_order
SELECT
    row_no,
    'cn-letters:' || order_id AS order_id,
    'cn-letters:' || order_id AS case_id,
    NULL AS channel_id,
    'cn-letters>' || category_1 AS category_id,
    NULL AS area_id,
    NULL AS unit_id,
    NULL AS handling_role,
    NULL AS order_type,
    NULL AS urgency,
    NULL AS livelihood,
    opened_at,
    NULL::timestamptz AS dispatched_at,
    NULL::timestamptz AS signed_at,
    NULL::timestamptz AS deadline_at,
    closed_at,
    NULL::timestamptz AS called_back_at,
    NULL::boolean AS is_valid_callback,
    NULL::boolean AS is_contacted,
    NULL AS resolution,
    NULL AS satisfaction,
    NULL::int AS return_count,
    NULL::int AS extension_days,
    NULL::boolean AS is_excluded,
    NULL AS exclusion_reason,
    caller_token,
    NULL::timestamptz AS source_at
FROM staging;
