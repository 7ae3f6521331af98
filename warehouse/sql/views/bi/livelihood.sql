CREATE OR REPLACE VIEW bi.livelihood AS
SELECT l.livelihood_code, l.position, l.kind AS livelihood_kind, l.name_zh, l.name_en,
       count(b.indicator_code) AS indicators, count(b.category_1) AS categories, l.gap_zh, l.gap_en, l.basis, l.source_zh, l.source_en
  FROM plan.livelihood AS l
  LEFT JOIN plan.livelihood_bridge AS b ON b.livelihood_code = l.livelihood_code AND b.valid_to > CURRENT_DATE
 GROUP BY l.livelihood_code;
COMMENT ON VIEW bi.livelihood IS '七有五性：每个方面一行，缺口如实列出；对应关系非官方 / the twelve livelihood dimensions with their gaps; the bridges are unofficial';
