-- 2. 哪些指标无法评估，为什么 / which statements cannot be evaluated, and why; one row per reason.
SELECT v.indicator_code, v.name_zh, v.status, r ->> 'code' AS reason, r ->> 'zh' AS reason_zh, r ->> 'en' AS reason_en
  FROM bi.indicator_value v
  JOIN bi.indicator i ON i.indicator_code = v.indicator_code AND i.in_chapter
 CROSS JOIN LATERAL jsonb_array_elements(v.reasons) r
 WHERE v.evaluation_id = (SELECT max(evaluation_id) FROM bi.indicator_value WHERE as_of = :as_of)
   AND v.status IN ('不可评', '无目标')
 ORDER BY i.position, reason
