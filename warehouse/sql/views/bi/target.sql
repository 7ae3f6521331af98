CREATE OR REPLACE VIEW bi.target AS
SELECT i.indicator_id AS indicator_code, s.name_zh, s.name_en, f.plan_code, f.target_on, f.target_value,
       f.comparator, f.nature, f.basis, f.source_title, f.source_url, f.page, f.quote,
       f.supplied_on, f.definition_version, f.delivery_id, f.row_no
  FROM star.fact_target AS f
  LEFT JOIN registry.indicator AS i ON i.indicator_key = f.indicator_key
  LEFT JOIN plan.statement AS s ON s.indicator_code = i.indicator_id;
COMMENT ON VIEW bi.target IS '规划目标；basis=example 为示例，不得对外 / targets; basis=example is never official';
