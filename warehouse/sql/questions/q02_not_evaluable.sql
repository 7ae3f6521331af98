-- 2. 哪些指标无法评估，为什么 / which statements cannot be evaluated, and why; one row per reason.
-- Of the evaluation of the day as_of that most was known for, whichever was kept last.
SELECT v.indicator_code, v.name_zh, v.status, r ->> 'code' AS reason, r ->> 'zh' AS reason_zh, r ->> 'en' AS reason_en
  FROM bi.indicator_value AS v
  JOIN bi.indicator AS i ON i.indicator_code = v.indicator_code AND i.in_chapter
 CROSS JOIN LATERAL jsonb_array_elements(v.reasons) AS r
 WHERE v.evaluation_id = (SELECT n.evaluation_id FROM bi.indicator_value AS n
                           WHERE n.as_of = :as_of AND n.is_latest ORDER BY n.seq DESC, n.evaluation_id LIMIT 1)
   AND v.status IN ('不可评', '无目标')
 ORDER BY i.position, reason
