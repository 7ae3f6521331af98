-- Hotline orders, and the categories, channels and units that they name.

-- target: dim_category
SELECT
    concat_ws('>', category_1, category_2, category_3) AS category_id,
    category_1,
    category_2,
    category_3,
    category_1 = ANY (:category_1_codes) AND coalesce(category_2 = ANY (:category_2_codes), true)
        AS is_mapped,
    DATE '1900-01-01' AS valid_from
FROM (SELECT DISTINCT category_1, category_2, category_3 FROM staging WHERE category_1 IS NOT NULL) AS named;

-- target: dim_channel
SELECT DISTINCT
    channel AS channel_id,
    channel AS channel_name,
    DATE '1900-01-01' AS valid_from
FROM staging
WHERE channel IS NOT NULL;

-- target: dim_unit
-- A town handles under its own name or its office's; every other unit belongs to no town.
SELECT
    unit AS unit_id,
    unit AS unit_name,
    CASE
        WHEN unit ~ '(街道|地区|镇)(办事处|人民政府)?$' THEN 'town'
        WHEN unit ~ '(局|委|委员会|办|办公室|中心|分局|大队|支队)$' THEN 'department'
        ELSE 'other'
    END AS unit_kind,
    CASE
        WHEN unit ~ '(街道|地区|镇)(办事处|人民政府)?$'
        THEN regexp_replace(regexp_replace(unit, '^(北京市)?大兴区', ''), '(办事处|人民政府)$', '')
    END AS area_id,
    DATE '1900-01-01' AS valid_from
FROM (SELECT DISTINCT unit FROM staging WHERE unit IS NOT NULL) AS named;

-- target: fact_work_order
SELECT
    row_no,
    order_id,
    case_id,
    channel AS channel_id,
    -- As concat_ws does above, which takes twice as long; NULL without a first level.
    category_1 || coalesce('>' || category_2, '') || coalesce('>' || category_3, '') AS category_id,
    coalesce(community_code, town) AS area_id,
    unit AS unit_id,
    handling_role,
    order_type,
    urgency,
    livelihood,
    opened_at,
    dispatched_at,
    signed_at,
    deadline_at,
    closed_at,
    called_back_at,
    is_valid_callback,
    is_contacted,
    resolution,
    satisfaction,
    return_count,
    extension_days,
    is_excluded,
    exclusion_reason,
    caller_token,
    updated_at AS source_at
FROM staging;
