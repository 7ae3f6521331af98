-- The newest kept figures under each dimension, by the bridge of their day; a dimension without an indicator is a row with a gap.
CREATE OR REPLACE VIEW bi.livelihood_indicator AS
SELECT l.livelihood_code, l.position, l.name_zh AS livelihood_zh, l.name_en AS livelihood_en, v.as_of, v.policy,
       v.indicator_code, v.name_zh, v.name_en, v.unit_zh, v.unit_en, v.value, v.low, v.high, v.target, v.progress, v.status,
       v.is_provisional, v.definition_version, v.indicator_code IS NULL AS is_gap, l.gap_zh, l.gap_en, l.basis
  FROM plan.livelihood AS l
  LEFT JOIN (plan.livelihood_bridge AS b
             JOIN bi.indicator_value AS v
               ON v.indicator_code = b.indicator_code AND v.is_latest AND b.valid_from <= v.as_of AND v.as_of < b.valid_to)
    ON b.livelihood_code = l.livelihood_code;
COMMENT ON VIEW bi.livelihood_indicator IS '七有五性各方面的指标最新值 / newest figures under each livelihood dimension';
