-- Each disagreement from the evaluation that saw it first to the one that saw it last, and what ended it: the newest
-- delivery of its feeds that was loaded between that evaluation and the next.
CREATE OR REPLACE VIEW bi.reconciliation AS
WITH evaluation AS (
    SELECT e.evaluation_id, e.seq, e.as_of, e.evaluated_at,
           lead(e.seq) OVER (ORDER BY e.seq, e.evaluation_id) AS next_seq
      FROM ledger.evaluation AS e
), found AS (
    SELECT DISTINCT ON (r.code, r.area_key, r.entity)
           r.code, r.name_zh, r.name_en, r.owner, r.feeds, r.area_key, r.entity, r.left_value, r.right_value, e.as_of, e.seq, e.next_seq,
           min(e.evaluated_at) OVER (PARTITION BY r.code, r.area_key, r.entity) AS first_seen_at, e.evaluated_at AS last_seen_at
      FROM ledger.reconciliation AS r JOIN evaluation AS e USING (evaluation_id)
     ORDER BY r.code, r.area_key, r.entity, e.seq DESC, e.evaluation_id DESC
)
SELECT f.code AS reconciliation_code, f.name_zh, f.name_en, f.owner, f.as_of, coalesce(p.area_name, label.unknown(f.area_key)) AS area_name,
       f.entity, f.left_value, f.right_value, f.left_value - f.right_value AS difference, f.first_seen_at, f.last_seen_at,
       f.next_seq IS NULL AS is_open,
       (SELECT max(d.delivery_id) FROM ledger.delivery AS d
         WHERE d.feed = ANY (f.feeds) AND d.seq > f.seq AND d.seq <= f.next_seq) AS ended_by
  FROM found AS f
  LEFT JOIN label.place_now AS p ON p.area_key = f.area_key;
COMMENT ON VIEW bi.reconciliation IS '部门数据核对不符之处：责任单位、起止、由哪一批次了结 / where departments disagree: whose it is, since when, what ended it';
