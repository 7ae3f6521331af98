-- Property-management contracts; a firm without a code goes by its name.

-- target: fact_property_contract
SELECT
    row_no,
    estate_id,
    coalesce(firm_uscc, firm_name) AS firm_id,
    starts_on,
    ends_on,
    firm_name,
    management_mode
FROM staging
