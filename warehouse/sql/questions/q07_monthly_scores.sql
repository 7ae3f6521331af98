-- 7. 考核月三率、综合成绩、排名，含与不含剔除，按口径 / three rates, score and rank of a month per handling unit,
-- with and without excluded orders, by score policy (month: first day of the month in which the assessment month ends).
-- Rates are pooled sums, empty denominators give no rate; units rank within their kind by score (to two decimals), then volume.
WITH span AS (
    SELECT p.*,
           CAST(CASE month_start_day WHEN 1 THEN CAST(:month AS date)
                     ELSE CAST(:month AS date) - INTERVAL '1 month' + make_interval(days => month_start_day - 1) END AS date) AS first_on,
           CAST(CASE month_start_day WHEN 1 THEN CAST(:month AS date) + INTERVAL '1 month'
                     ELSE CAST(:month AS date) + make_interval(days => month_start_day - 1) END AS date) AS after_on
      FROM bi.score_policy AS p
     WHERE p.month_basis = 'opened' AND p.valid_from <= :month AND (p.valid_to IS NULL OR :month < p.valid_to)
), daily AS (
    -- Policies differ in their months and weights only: the orders are read once, by day.
    SELECT w.opened_on, w.unit_kind, w.unit_name, coalesce(w.is_excluded, false) AS is_excluded,
           count(*) AS orders,
           count(*) FILTER (WHERE w.is_valid_callback) AS valid,
           count(*) FILTER (WHERE w.is_valid_callback AND w.is_contacted) AS contacted,
           count(*) FILTER (WHERE w.is_valid_callback AND w.resolution = '解决') AS resolved,
           count(*) FILTER (WHERE w.is_valid_callback AND w.resolution = '部分解决') AS partly,
           count(*) FILTER (WHERE w.is_valid_callback AND w.satisfaction = '满意') AS satisfied,
           count(*) FILTER (WHERE w.is_valid_callback AND w.satisfaction = '基本满意') AS basically
      FROM bi.work_order AS w
     WHERE w.opened_at >= (SELECT CAST(min(first_on) AS timestamp) AT TIME ZONE INTERVAL '8 hours' FROM span)
       AND w.opened_at < (SELECT CAST(max(after_on) AS timestamp) AT TIME ZONE INTERVAL '8 hours' FROM span)
     GROUP BY 1, 2, 3, 4
), counted AS (
    SELECT s.policy_code, d.unit_kind, d.unit_name, d.is_excluded, sum(d.orders) AS orders, sum(d.valid) AS valid,
           sum(d.contacted) AS contacted,
           sum(d.resolved) + s.partial_resolved * sum(d.partly) AS resolved,
           sum(d.satisfied) + s.k_basic * sum(d.basically) AS satisfied
      FROM span AS s JOIN daily AS d ON d.opened_on >= s.first_on AND d.opened_on < s.after_on
     GROUP BY s.policy_code, s.partial_resolved, s.k_basic, d.unit_kind, d.unit_name, d.is_excluded
), rated AS (
    SELECT c.policy_code, v.with_excluded, c.unit_kind, c.unit_name, sum(c.orders) AS orders, sum(c.valid) AS valid,
           CAST(sum(c.contacted) AS double precision) / nullif(sum(c.valid), 0) AS response_rate,
           sum(c.resolved) / nullif(sum(c.valid), 0) AS resolution_rate,
           sum(c.satisfied) / nullif(sum(c.valid), 0) AS satisfaction_rate
      FROM counted AS c JOIN (VALUES (false), (true)) AS v (with_excluded) ON v.with_excluded OR NOT c.is_excluded
     GROUP BY 1, 2, 3, 4
)
SELECT r.policy_code, s.status AS policy_status, r.with_excluded, r.unit_kind, r.unit_name, r.orders, r.valid,
       r.response_rate, r.resolution_rate, r.satisfaction_rate,
       x.score,
       CASE WHEN x.score IS NOT NULL THEN
           rank() OVER (PARTITION BY r.policy_code, r.with_excluded, r.unit_kind ORDER BY round(CAST(x.score AS numeric), 2) DESC NULLS LAST, r.orders DESC) END AS rank
  FROM rated AS r
  JOIN span AS s USING (policy_code)
 CROSS JOIN LATERAL (SELECT 100 * (s.w_response * r.response_rate + s.w_resolution * r.resolution_rate
                                   + s.w_satisfaction * r.satisfaction_rate) AS score) AS x
 ORDER BY r.policy_code, r.with_excluded, r.unit_kind, rank NULLS LAST, r.unit_name
