-- The tree of the letters' categories.

-- target: dim_category
SELECT
    row_no,
    concat_ws('>', 'cn-letters', category_1, category_2, category_3) AS category_id,
    category_1,
    category_2,
    category_3,
    false AS is_mapped,
    DATE '1900-01-01' AS valid_from
FROM staging
