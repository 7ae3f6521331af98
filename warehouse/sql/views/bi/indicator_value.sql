CREATE OR REPLACE VIEW bi.indicator_value AS
SELECT f.evaluation_id, e.as_of, e.seq, c.at AS known_at, e.evaluated_at,
       i.indicator_id AS indicator_code, s.name_zh, s.name_en, s.unit_zh, s.unit_en, s.computable,
       f.value, f.numerator, f.denominator, f.baseline, f.half_width, f.target, f.progress, f.time_progress,
       f.status, f.reasons, f.completeness, f.quarantined_share, f.is_provisional, f.definition_version,
       e.policy, e.who, e.is_latest, f.definition_hash,
       f.low, f.high, f.open_ends
  FROM star.fact_indicator_value AS f
  -- The newest is what most was known for, whichever was kept last.
  JOIN (SELECT v.*, row_number() OVER (PARTITION BY v.as_of, v.policy ORDER BY v.seq DESC, v.evaluation_id DESC) = 1 AS is_latest
          FROM ledger.evaluation AS v) AS e USING (evaluation_id)
  LEFT JOIN ledger.commit AS c ON c.seq = e.seq
  LEFT JOIN registry.indicator AS i ON i.indicator_key = f.indicator_key
  LEFT JOIN plan.statement AS s ON s.indicator_code = i.indicator_id;
COMMENT ON VIEW bi.indicator_value IS '历次评估结果 / results of every saved evaluation';
