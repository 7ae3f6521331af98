-- What was reported of each task last; a task is late if it was not done on the day of its deadline by what is known.
CREATE OR REPLACE VIEW bi.task AS
SELECT DISTINCT ON (f.task_id)
       f.task_id, f.task_name, f.plan_code, f.lead_unit, f.supporting_units, f.deadline_on, f.reported_on, f.status AS task_status,
       f.progress, f.progress_note, f.evidence, f.quote, f.basis, f.status NOT IN ('已完成', '已终止') AND f.deadline_on < label.beijing(now())::date AS is_late,
       f.delivery_id, f.row_no
  FROM star.fact_task AS f
 ORDER BY f.task_id, f.reported_on DESC;
COMMENT ON VIEW bi.task IS '重点任务最近一次报告的进展 / tasks of the plan as reported last';
