-- 10. 与首次发布时相比，哪些数值变了、因何、因哪些批次 / which figures of a day changed since its first evaluation, why, by which deliveries.
-- First and last by what was known, not by the order in which they were kept, and within one score policy.
-- Causes and deliveries are those of `minsheng compare`: what each commit between the two did to the figure, kept with the evaluations.
-- They add up to the difference, a figure that there was not counting as 0: `residual` is 0.
WITH kept AS (
    SELECT DISTINCT ON (l.as_of) l.evaluation_id AS last_id,
           (SELECT f.evaluation_id FROM bi.indicator_value AS f
             WHERE f.as_of = l.as_of AND f.policy = l.policy ORDER BY f.seq, f.evaluation_id LIMIT 1) AS first_id
      FROM bi.indicator_value AS l
     WHERE l.as_of = :as_of AND l.is_latest
     ORDER BY l.as_of, l.seq DESC, l.evaluation_id
)
SELECT i.indicator_code, i.name_zh, f.value AS value_then, l.value AS value_now, l.value - f.value AS difference,
       r.late_rows, r.corrections, r.repaired_quarantine, r.withdrawn, r.definition, r.boundary, r.rule,
       round(CAST(coalesce(l.value, 0) - coalesce(f.value, 0) - coalesce(r.part, 0) AS numeric), 9) AS residual,
       f.status AS status_then, l.status AS status_now,
       f.definition_version AS definition_then, l.definition_version AS definition_now,
       f.known_at AS known_then, l.known_at AS known_now, r.deliveries
  FROM kept AS k
  JOIN bi.indicator_value AS f ON f.evaluation_id = k.first_id
  JOIN bi.indicator_value AS l ON l.evaluation_id = k.last_id AND l.indicator_code = f.indicator_code
  JOIN bi.indicator AS i ON i.indicator_code = f.indicator_code
  LEFT JOIN LATERAL (
        SELECT sum(x.part) AS part,
               sum(x.part) FILTER (WHERE x.cause = 'late_rows') AS late_rows,
               sum(x.part) FILTER (WHERE x.cause = 'corrections') AS corrections,
               sum(x.part) FILTER (WHERE x.cause = 'repaired_quarantine') AS repaired_quarantine,
               sum(x.part) FILTER (WHERE x.cause = 'withdrawn') AS withdrawn,
               sum(x.part) FILTER (WHERE x.cause = 'definition') AS definition,
               sum(x.part) FILTER (WHERE x.cause = 'boundary') AS boundary,
               sum(x.part) FILTER (WHERE x.cause = 'rule') AS rule,
               string_agg(format('#%s %s %s', x.delivery_id, x.mode, x.file_name), '; ' ORDER BY x.seq, x.cause)
                   FILTER (WHERE x.delivery_id IS NOT NULL) AS deliveries
          FROM bi.indicator_revision AS x
         WHERE x.indicator_code = f.indicator_code AND x.as_of = f.as_of AND x.policy = f.policy
           AND x.seq > f.seq AND x.seq <= l.seq) AS r ON true
 WHERE (f.value, f.status) IS DISTINCT FROM (l.value, l.status)
 ORDER BY i.position
