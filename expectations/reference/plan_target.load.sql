-- Targets of the plan, each with where it stands.

-- target: fact_target
SELECT
    row_no,
    indicator_code AS indicator_id,
    plan_code,
    target_on,
    target_value,
    comparator,
    nature,
    basis,
    source_title,
    source_url,
    page,
    quote,
    supplied_by,
    supplied_on,
    approved_by,
    definition_version
FROM staging
