CREATE OR REPLACE VIEW bi.indicator AS
SELECT indicator_code, position, in_chapter, name_zh, name_en, theme, section, unit_zh, unit_en, value_as_stated,
       value AS baseline, half_width, comparator, kind, period_start, period_end, quote, quote_sha256,
       computable, direction, feeds, definition_version, caveat_zh, caveat_en
  FROM plan.statement;
COMMENT ON VIEW bi.indicator IS '指标与规划原文 / indicators and the sentences of the plan';
