-- New York's 311 requests as orders. Ids carry their authority (us-nyc:), so that they never meet ours.

-- target: dim_area
-- Community boards as towns of their borough.
SELECT DISTINCT
    'us-nyc:' || community_board AS area_id,
    community_board AS area_code,
    community_board AS area_name,
    'town' AS area_level,
    'us-nyc:' || substring(community_board FROM ' (.*)$') AS parent_area_id,
    NULL AS urban_rural_class,
    'Community Board' AS unit_type,
    NULL::boolean AS is_etown,
    DATE '1900-01-01' AS valid_from
FROM staging
WHERE community_board IS NOT NULL
UNION
SELECT DISTINCT
    'us-nyc:' || borough, borough AS area_code, borough AS area_name, 'district', NULL, NULL, 'Borough', NULL::boolean, DATE '1900-01-01'
FROM staging
WHERE borough IS NOT NULL;

-- target: dim_category
-- None of these categories is in the district's own list.
SELECT DISTINCT
    concat_ws('>', 'us-nyc', complaint_type, descriptor) AS category_id,
    complaint_type AS category_1,
    descriptor AS category_2,
    false AS is_mapped,
    DATE '1900-01-01' AS valid_from
FROM staging;

-- target: dim_channel
SELECT DISTINCT 'us-nyc:' || channel AS channel_id, channel AS channel_name, DATE '1900-01-01' AS valid_from
FROM staging
WHERE channel IS NOT NULL;

-- target: dim_unit
SELECT DISTINCT
    concat_ws('>', 'us-nyc', agency, agency_name) AS unit_id,
    agency_name AS unit_name,
    'department' AS unit_kind,
    DATE '1900-01-01' AS valid_from
FROM staging;

-- target: fact_work_order
SELECT
    row_no,
    'us-nyc:' || order_id AS order_id,
    'us-nyc:' || order_id AS case_id,
    'us-nyc:' || channel AS channel_id,
    concat_ws('>', 'us-nyc', complaint_type, descriptor) AS category_id,
    'us-nyc:' || coalesce(community_board, borough) AS area_id,
    concat_ws('>', 'us-nyc', agency, agency_name) AS unit_id,
    opened_at,
    deadline_at,
    closed_at,
    updated_at AS source_at
FROM staging;
