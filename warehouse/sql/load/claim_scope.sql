-- What this snapshot speaks of, and since when: its months, years or other values that bound it. Of a month
-- or year that is not its own it speaks only if it is about as full as the fullest.
INSERT INTO ledger.scope (delivery_id, target, scope, things, min_share, holds_from, closes)
SELECT :delivery_id, :target, jsonb_build_array({scope_s}), count(DISTINCT s.row_no), CASE WHEN bool_and(s.is_own) THEN 0 ELSE :share END,
       max(s.holds_from), :closes
  FROM {spoken} AS s
 WHERE ROW({scope_s}) IS NOT NULL
 GROUP BY 3;
