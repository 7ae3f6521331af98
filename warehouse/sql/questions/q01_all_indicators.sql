-- 1. 各项指标的基期、实际、目标、进度、时序、状态、原因 / every statement: baseline, actual, target, progress, status, reasons.
-- Reads the evaluation of the day as_of that most was known for (not the one kept last); without one the actual columns are empty.
SELECT i.position, i.indicator_code, i.name_zh, i.name_en, i.unit_zh, i.value_as_stated,
       i.baseline, i.half_width, v.value, v.target, v.progress, v.time_progress,
       coalesce(v.status, '不可评') AS status, v.completeness, v.is_provisional, v.definition_version,
       (SELECT string_agg(r ->> 'zh', '；' ORDER BY n) FROM jsonb_array_elements(v.reasons) WITH ORDINALITY AS e (r, n)) AS reasons
  FROM bi.indicator AS i
  LEFT JOIN bi.indicator_value AS v
    ON v.indicator_code = i.indicator_code
   AND v.evaluation_id = (SELECT n.evaluation_id FROM bi.indicator_value AS n
                            WHERE n.as_of = :as_of AND n.is_latest ORDER BY n.seq DESC, n.evaluation_id LIMIT 1)
 WHERE i.in_chapter
 ORDER BY i.position
