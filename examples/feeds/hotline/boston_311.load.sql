-- Boston's 311 cases as orders.

-- target: dim_area
SELECT DISTINCT
    'us-boston:' || neighborhood AS area_id,
    neighborhood AS area_code,
    neighborhood AS area_name,
    'town' AS area_level,
    'Neighborhood' AS unit_type,
    DATE '1900-01-01' AS valid_from
FROM staging
WHERE neighborhood IS NOT NULL;

-- target: dim_category
SELECT DISTINCT
    concat_ws('>', 'us-boston', subject, reason, request_type) AS category_id,
    subject AS category_1,
    reason AS category_2,
    request_type AS category_3,
    false AS is_mapped,
    DATE '1900-01-01' AS valid_from
FROM staging;

-- target: dim_channel
SELECT DISTINCT 'us-boston:' || channel AS channel_id, channel AS channel_name, DATE '1900-01-01' AS valid_from
FROM staging
WHERE channel IS NOT NULL;

-- target: dim_unit
SELECT DISTINCT
    concat_ws('>', 'us-boston', department, queue) AS unit_id,
    coalesce(queue, department) AS unit_name,
    'department' AS unit_kind,
    DATE '1900-01-01' AS valid_from
FROM staging;

-- target: fact_work_order
SELECT
    row_no,
    'us-boston:' || order_id AS order_id,
    'us-boston:' || order_id AS case_id,
    'us-boston:' || channel AS channel_id,
    concat_ws('>', 'us-boston', subject, reason, request_type) AS category_id,
    'us-boston:' || neighborhood AS area_id,
    concat_ws('>', 'us-boston', department, queue) AS unit_id,
    opened_at,
    deadline_at,
    closed_at
FROM staging;
