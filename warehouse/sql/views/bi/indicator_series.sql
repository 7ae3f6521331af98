CREATE OR REPLACE VIEW bi.indicator_series AS
SELECT i.indicator_id AS indicator_code, s.name_zh, s.name_en, s.unit_zh, s.unit_en, f.as_of, f.basis,
       CASE f.town_key WHEN 0 THEN 'district' ELSE 'town' END AS area_level, f.town_key AS area_key,
       CASE f.town_key WHEN 0 THEN '全区' WHEN -1 THEN '未提供'
            ELSE coalesce(CASE f.basis WHEN 'then' THEN a.area_name END, n.area_name, label.unknown(f.town_key)) END AS area_name,
       f.definition_version, f.policy, f.known_from AS seq, c.at AS known_at,
       f.known_from = max(f.known_from) OVER w AS is_latest,
       f.value, f.numerator, f.denominator, f.low, f.high, f.open_ends, f.is_provisional, f.status
  FROM star.fact_indicator_series AS f
  LEFT JOIN ledger.commit AS c ON c.seq = f.known_from
  LEFT JOIN registry.indicator AS i ON i.indicator_key = f.indicator_key
  LEFT JOIN plan.statement AS s ON s.indicator_code = i.indicator_id
  LEFT JOIN label.area AS a ON a.area_key = f.town_key AND a.from_on <= f.as_of AND f.as_of < a.to_on
  LEFT JOIN label.town_now AS n ON n.area_key = f.town_key
WINDOW w AS (PARTITION BY f.indicator_key, f.as_of, f.basis, f.town_key, f.definition_version, f.policy);
COMMENT ON VIEW bi.indicator_series IS
    '指标序列：全区与镇街、当时与今日区划、每个定义版本与已知版本 / series of indicators: district and towns, boundaries then and today, each definition and known version';
