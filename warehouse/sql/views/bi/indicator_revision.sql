CREATE OR REPLACE VIEW bi.indicator_revision AS
SELECT i.indicator_id AS indicator_code, s.name_zh, s.name_en, s.unit_zh, s.unit_en, f.as_of, f.policy,
       f.known_from AS seq, c.at AS known_at, f.cause, f.delivery_id, d.mode, concat_ws('/', d.file_name, d.member) AS file_name,
       f.part, f.things
  FROM star.fact_indicator_revision AS f
  LEFT JOIN ledger.commit AS c ON c.seq = f.known_from
  LEFT JOIN ledger.delivery AS d ON d.delivery_id = f.delivery_id
  LEFT JOIN registry.indicator AS i ON i.indicator_key = f.indicator_key
  LEFT JOIN plan.statement AS s ON s.indicator_code = i.indicator_id;
COMMENT ON VIEW bi.indicator_revision IS
    '数值修订：已保存评估的时点，每次提交使数值变了多少、因何而变、因哪一批次 / revisions: what each commit did to the figures of a day that was evaluated and kept, why, by which delivery';
