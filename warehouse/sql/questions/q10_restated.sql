-- 10. 与首次发布时相比，哪些数值变了、因哪些批次 / which figures of a day changed since its first evaluation, and by which deliveries.
-- First and last by what was known, not by the order in which they were kept, and within one score policy.
-- Deliveries: everything loaded or withdrawn between the two known times for a feed that the indicator reads.
WITH kept AS (
    SELECT DISTINCT ON (l.as_of) l.evaluation_id AS last_id,
           (SELECT f.evaluation_id FROM bi.indicator_value AS f
             WHERE f.as_of = l.as_of AND f.policy = l.policy ORDER BY f.seq, f.evaluation_id LIMIT 1) AS first_id
      FROM bi.indicator_value AS l
     WHERE l.as_of = :as_of AND l.is_latest
     ORDER BY l.as_of, l.seq DESC, l.evaluation_id
)
SELECT i.indicator_code, i.name_zh, f.value AS value_then, l.value AS value_now, l.value - f.value AS difference,
       f.status AS status_then, l.status AS status_now,
       f.definition_version AS definition_then, l.definition_version AS definition_now,
       f.known_at AS known_then, l.known_at AS known_now, d.deliveries
  FROM kept AS k
  JOIN bi.indicator_value AS f ON f.evaluation_id = k.first_id
  JOIN bi.indicator_value AS l ON l.evaluation_id = k.last_id AND l.indicator_code = f.indicator_code
  JOIN bi.indicator AS i ON i.indicator_code = f.indicator_code
  LEFT JOIN LATERAL (
        SELECT string_agg(format('#%s %s %s', x.delivery_id, x.mode, x.file_name), '; ' ORDER BY x.delivery_id) AS deliveries
          FROM bi.delivery AS x
         WHERE (x.seq > f.seq AND x.seq <= l.seq OR x.withdrawn_seq > f.seq AND x.withdrawn_seq <= l.seq)
           AND x.state IN ('loaded', 'withdrawn')
           AND x.feed = ANY (CASE WHEN i.computable = 'C' THEN i.feeds ELSE ARRAY['reference.declaration'] END)) AS d ON true
 WHERE (f.value, f.status) IS DISTINCT FROM (l.value, l.status)
 ORDER BY i.position
