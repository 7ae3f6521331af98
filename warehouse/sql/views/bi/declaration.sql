CREATE OR REPLACE VIEW bi.declaration AS
SELECT i.indicator_id AS indicator_code, s.name_zh, s.name_en, f.declared_on, f.value, f.half_width,
       f.comparator, f.text_as_stated, f.quote, f.evidence, f.basis, f.definition_version,
       f.delivery_id, f.row_no
  FROM star.fact_declaration AS f
  LEFT JOIN registry.indicator AS i ON i.indicator_key = f.indicator_key
  LEFT JOIN plan.statement AS s ON s.indicator_code = i.indicator_id;
COMMENT ON VIEW bi.declaration IS '部门申报值及依据 / declared values with evidence';
