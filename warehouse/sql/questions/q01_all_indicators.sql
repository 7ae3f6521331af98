-- 1. 各项指标的基期、实际、目标、进度、时序、状态、原因 / every statement: baseline, actual, target, progress, status, reasons.
-- Reads the last evaluation kept for the day as_of; without one the actual columns are empty.
SELECT i.position, i.indicator_code, i.name_zh, i.name_en, i.unit_zh, i.value_as_stated,
       i.baseline, i.half_width, v.value, v.target, v.progress, v.time_progress,
       coalesce(v.status, '不可评') AS status, v.completeness, v.is_provisional, v.definition_version,
       (SELECT string_agg(r ->> 'zh', '；' ORDER BY n) FROM jsonb_array_elements(v.reasons) WITH ORDINALITY e (r, n)) AS reasons
  FROM bi.indicator i
  LEFT JOIN bi.indicator_value v
    ON v.indicator_code = i.indicator_code
   AND v.evaluation_id = (SELECT max(evaluation_id) FROM bi.indicator_value WHERE as_of = :as_of)
 WHERE i.in_chapter
 ORDER BY i.position
