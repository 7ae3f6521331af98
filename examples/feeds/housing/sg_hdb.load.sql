-- One completed milestone a block.

-- target: fact_housing_milestone
SELECT
    row_no,
    'sg-hdb:' || street AS project_id,
    block AS lot_id,
    'completed' AS milestone,
    street AS project_name,
    CASE
        WHEN room1_rental + room2_rental + room3_rental + other_rental > 0 THEN '公共租赁住房'
        WHEN units > 0 THEN '公共出售住房'
        ELSE '非住宅'
    END AS housing_type,
    'sg-hdb:' || town AS area_id,
    units,
    completed_on AS milestone_on
FROM staging
