-- Snapshots of contracts, for tests of the loader.
-- target: fact_property_contract
SELECT estate_id, firm_id, starts_on, NULL::date AS ends_on, firm_name, NULL::text AS management_mode, row_no
  FROM staging;
