CREATE OR REPLACE VIEW bi.published_value AS
SELECT p.version, p.as_of, f.figure ->> 'code' AS indicator_code, f.figure ->> 'name_zh' AS name_zh, f.figure ->> 'name_en' AS name_en,
       f.figure ->> 'unit' AS unit, CAST(f.figure ->> 'value' AS double precision) AS value,
       CAST(f.figure ->> 'numerator' AS double precision) AS numerator, CAST(f.figure ->> 'denominator' AS double precision) AS denominator,
       CAST(f.figure -> 'bounds' ->> 'low' AS double precision) AS low, CAST(f.figure -> 'bounds' ->> 'high' AS double precision) AS high,
       CAST(f.figure ->> 'target' AS double precision) AS target, f.figure ->> 'status' AS status,
       CAST(f.figure ->> 'provisional' AS boolean) AS is_provisional, f.figure ->> 'definition_version' AS definition_version
  FROM ledger.publication AS p
 CROSS JOIN LATERAL jsonb_array_elements(p.figures) AS f (figure)
 -- Under embargo nobody reads figures here; who had them before is written down with the version.
 WHERE p.embargo_until IS NULL OR p.embargo_until <= CURRENT_TIMESTAMP;
COMMENT ON VIEW bi.published_value IS '发布的指标数值（解禁之后） / published figures, once the embargo has ended';
