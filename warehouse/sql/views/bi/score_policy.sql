CREATE OR REPLACE VIEW bi.score_policy AS
SELECT policy_code, valid_from, nullif(valid_to, 'infinity') AS valid_to, w_response, w_resolution, w_satisfaction,
       k_basic, partial_resolved, month_start_day, month_basis, status, source, grades
  FROM plan.score_policy;
COMMENT ON VIEW bi.score_policy IS '三率考核口径；非官方者注明 / score policies; unofficial ones say so';
