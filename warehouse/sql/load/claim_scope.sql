-- What this snapshot speaks of, and since when: its months, years or other values that bound it. Of a month
-- or year that is not its own it speaks only if it is about as full as the fullest.
INSERT INTO ledger.scope (delivery_id, target, scope, things, min_share, holds_from, closes)
SELECT :delivery_id, :target, jsonb_build_array({scope_i}), count(DISTINCT i.row_no), CASE WHEN {is_own} THEN 0 ELSE :share END, {day}, :closes
  FROM {incoming} AS i
 WHERE ROW({scope_i}) IS NOT NULL
 GROUP BY 3;
