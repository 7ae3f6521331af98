-- Declared values, each with its evidence.

-- target: fact_declaration
SELECT
    row_no,
    indicator_code AS indicator_id,
    declared_on,
    value,
    half_width,
    comparator,
    text_as_stated,
    quote,
    evidence,
    basis,
    declared_by,
    approved_by,
    definition_version
FROM staging
