CREATE OR REPLACE VIEW bi.unit AS
SELECT r.unit_key, coalesce(u.unit_name, label.unknown(r.unit_key)) AS unit_name, u.unit_kind
  FROM registry.unit AS r
  LEFT JOIN label.unit_now AS u ON u.unit_key = r.unit_key;
COMMENT ON VIEW bi.unit IS '承办单位：每个内部键一行 / handling units, one row per key';
