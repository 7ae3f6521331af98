-- A unit is its name, so its newest version says what every version says.
CREATE OR REPLACE VIEW label.unit_now AS
SELECT DISTINCT ON (unit_key) unit_key, unit_name, unit_kind
  FROM star.dim_unit ORDER BY unit_key, valid_from DESC;
