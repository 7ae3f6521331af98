-- 三率等热线派生指标 / the hotline's derived measures (not stated in the plan; the score policy is unofficial).
-- 计法：考核月内的工单，按各项指标的分子列除以分母列（没有分母的相加）；剔除的工单只计入剔除率。
-- Counted: orders of the assessment month, the measure's numerator over its denominator (added up where there is none); excluded ones in the exclusion rate only.
-- One row per order of the assessment month; each measure is a column over a column. Excluded orders count in none but their own.
SELECT w.area_key,
       w.unit_key,
       w.order_id AS entity,
       CAST(w.dispatched_at IS NOT NULL AND w.assessed AS int) AS is_dispatched,
       CAST(w.valid AS int) AS valid,
       CAST(w.valid AND coalesce(w.is_contacted, false) AS int) AS contacted,
       CASE WHEN w.valid THEN CASE w.resolution WHEN '解决' THEN 1 WHEN '部分解决' THEN :partial_resolved ELSE 0 END END AS resolved,
       CASE WHEN w.valid THEN CASE w.satisfaction WHEN '满意' THEN 1 WHEN '基本满意' THEN :k_basic ELSE 0 END END AS satisfied,
       CAST(w.hours IS NOT NULL AS int) AS is_timed,
       CAST(w.hours IS NOT NULL AND w.dispatched_at <= w.opened_at + w.hours * INTERVAL '1 hour' AS int) AS dispatched_in_time,
       CAST(w.assessed AND w.closed_at IS NOT NULL AND w.deadline_at IS NOT NULL AS int) AS is_closable,
       CAST(w.assessed AND coalesce(w.closed_at <= w.deadline_at, false) AS int) AS closed_in_time,
       CAST(w.assessed AND w.return_count IS NOT NULL AS int) AS return_known,
       CAST(w.assessed AND coalesce(w.return_count, 0) > 0 AS int) AS returned,
       CAST(w.is_excluded IS NOT NULL AS int) AS exclusion_known,
       CAST(coalesce(w.is_excluded, false) AS int) AS excluded,
       ARRAY[w.delivery_id] AS delivery_ids,
       ARRAY[w.row_no] AS row_nos
  FROM (SELECT o.*, a.assessed,
               a.assessed AND coalesce(o.is_valid_callback, false) AS valid,
               CASE WHEN a.assessed AND o.dispatched_at IS NOT NULL
                     AND o.opened_at >= CAST(:in_force_from AS timestamp) AT TIME ZONE INTERVAL '8 hours'
                    THEN CAST(CAST(:urgent_hours AS jsonb) ->> o.urgency AS double precision) END AS hours
          FROM fact_work_order o
         CROSS JOIN LATERAL (SELECT NOT coalesce(o.is_excluded, false) AS assessed) a
         WHERE o.known_from <= :known_at AND :known_at < o.known_to
           AND CASE :month_basis WHEN 'opened' THEN o.opened_at WHEN 'dispatched' THEN o.dispatched_at
                                 WHEN 'closed' THEN o.closed_at ELSE o.called_back_at END
               >= CAST(:month_from AS timestamp) AT TIME ZONE INTERVAL '8 hours'
           AND CASE :month_basis WHEN 'opened' THEN o.opened_at WHEN 'dispatched' THEN o.dispatched_at
                                 WHEN 'closed' THEN o.closed_at ELSE o.called_back_at END
               < CAST(:month_to AS timestamp) AT TIME ZONE INTERVAL '8 hours') w
