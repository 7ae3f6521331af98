-- The hotline's assessment month of one score policy, a row per handling unit of the register, also those without orders.
-- `of_month` is the first day of the month in which the assessment month ends. The version of the policy in force on the
-- assessment month's first day counts the whole of it. Below 10 valid callbacks a unit has no rank or grade, below 5 no rates.
CREATE OR REPLACE FUNCTION bi.hotline_month(of_month date, of_policy text, with_excluded boolean DEFAULT false)
RETURNS TABLE (policy_code text, policy_status text, first_on date, after_on date, unit_kind text, unit_name text, orders bigint, valid bigint,
               response_rate double precision, response_low double precision, response_high double precision,
               resolution_rate double precision, resolution_low double precision, resolution_high double precision,
               satisfaction_rate double precision, satisfaction_low double precision, satisfaction_high double precision,
               score double precision, rank bigint, grade text,
               closable bigint, overdue_rate double precision, return_known bigint, return_rate double precision,
               extension_known bigint, extension_rate double precision)
STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp LANGUAGE sql AS $$
    WITH month AS (
        SELECT p.*, CAST(m.first_on AS date) AS first_on, CAST(m.first_on + INTERVAL '1 month' AS date) AS after_on
          FROM plan.score_policy AS p
         CROSS JOIN LATERAL (SELECT CASE p.month_start_day WHEN 1 THEN CAST($1 AS timestamp)
                                         ELSE $1 - INTERVAL '1 month' + make_interval(days => p.month_start_day - 1) END AS first_on) AS m
         WHERE p.policy_code = $2 AND p.valid_from <= m.first_on AND m.first_on < p.valid_to
    ), counted AS (
        SELECT w.unit_key, count(*) AS orders,
               count(*) FILTER (WHERE w.is_valid_callback) AS valid,
               count(*) FILTER (WHERE w.is_valid_callback AND w.is_contacted) AS contacted,
               count(*) FILTER (WHERE w.is_valid_callback AND w.resolution = '解决')
                   + min(m.partial_resolved) * count(*) FILTER (WHERE w.is_valid_callback AND w.resolution = '部分解决') AS resolved,
               count(*) FILTER (WHERE w.is_valid_callback AND w.satisfaction = '满意')
                   + min(m.k_basic) * count(*) FILTER (WHERE w.is_valid_callback AND w.satisfaction = '基本满意') AS satisfied,
               count(*) FILTER (WHERE w.closed_at IS NOT NULL AND w.deadline_at IS NOT NULL) AS closable,
               count(*) FILTER (WHERE w.closed_at > w.deadline_at) AS overdue,
               count(w.return_count) AS return_known, count(*) FILTER (WHERE w.return_count > 0) AS returned,
               count(w.extension_days) AS extension_known, count(*) FILTER (WHERE w.extension_days > 0) AS extended
          FROM month AS m
          JOIN star.fact_work_order AS w
            ON CASE m.month_basis WHEN 'opened' THEN w.opened_at WHEN 'dispatched' THEN w.dispatched_at
                                  WHEN 'closed' THEN w.closed_at ELSE w.called_back_at END
               >= CAST(m.first_on AS timestamp) AT TIME ZONE INTERVAL '8 hours'
           AND CASE m.month_basis WHEN 'opened' THEN w.opened_at WHEN 'dispatched' THEN w.dispatched_at
                                  WHEN 'closed' THEN w.closed_at ELSE w.called_back_at END
               < CAST(m.after_on AS timestamp) AT TIME ZONE INTERVAL '8 hours'
         WHERE $3 OR NOT coalesce(w.is_excluded, false)
         GROUP BY w.unit_key
    ), unit AS (
        SELECT u.unit_key, u.unit_name, u.unit_kind FROM label.unit_now AS u WHERE u.unit_key > 0
         UNION ALL
        SELECT c.unit_key, label.unknown(c.unit_key), NULL FROM counted AS c
         WHERE NOT EXISTS (SELECT FROM label.unit_now AS u WHERE u.unit_key = c.unit_key AND u.unit_key > 0)
    ), rated AS (
        SELECT m.policy_code, m.status, m.grades, m.first_on, m.after_on, u.unit_kind, u.unit_name,
               coalesce(c.orders, 0) AS orders, coalesce(c.valid, 0) AS valid,
               CASE WHEN c.valid >= 5 THEN c.contacted END AS contacted,
               CASE WHEN c.valid >= 5 THEN c.resolved END AS resolved,
               CASE WHEN c.valid >= 5 THEN c.satisfied END AS satisfied,
               CASE WHEN c.valid >= 5 THEN 100 * (m.w_response * c.contacted + m.w_resolution * c.resolved
                                                  + m.w_satisfaction * c.satisfied) / c.valid END AS score,
               coalesce(c.closable, 0) AS closable, c.overdue, coalesce(c.return_known, 0) AS return_known, c.returned,
               coalesce(c.extension_known, 0) AS extension_known, c.extended
          FROM month AS m CROSS JOIN unit AS u LEFT JOIN counted AS c USING (unit_key)
    )
    SELECT r.policy_code, r.status, r.first_on, r.after_on, r.unit_kind, r.unit_name, r.orders, r.valid,
           CAST(r.contacted AS double precision) / nullif(r.valid, 0), label.wilson(r.contacted, r.valid, false), label.wilson(r.contacted, r.valid, true),
           CAST(r.resolved AS double precision) / nullif(r.valid, 0), label.wilson(r.resolved, r.valid, false), label.wilson(r.resolved, r.valid, true),
           CAST(r.satisfied AS double precision) / nullif(r.valid, 0), label.wilson(r.satisfied, r.valid, false), label.wilson(r.satisfied, r.valid, true),
           r.score,
           -- Equal as shown, with two places, is equal; then the greater volume is first.
           CASE WHEN r.valid >= 10 THEN
               rank() OVER (PARTITION BY r.unit_kind, r.valid >= 10 ORDER BY round(CAST(r.score AS numeric), 2) DESC, r.orders DESC) END,
           CASE WHEN r.valid >= 10 THEN
               (SELECT g.key FROM jsonb_each_text(r.grades) AS g WHERE CAST(g.value AS numeric) <= round(CAST(r.score AS numeric), 2)
                 ORDER BY CAST(g.value AS numeric) DESC LIMIT 1) END,
           r.closable, CAST(r.overdue AS double precision) / nullif(r.closable, 0),
           r.return_known, CAST(r.returned AS double precision) / nullif(r.return_known, 0),
           r.extension_known, CAST(r.extended AS double precision) / nullif(r.extension_known, 0)
      FROM rated AS r
$$;
COMMENT ON FUNCTION bi.hotline_month(date, text, boolean) IS
    '考核月：每个承办单位的三率及区间、得分、排名、等级、超期、退回、延期；口径非官方 / an assessment month by handling unit; the policies are unofficial';
