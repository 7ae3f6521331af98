-- What the lead units report of the plan's tasks.

-- target: fact_task
SELECT
    row_no,
    task_id,
    reported_on,
    plan_code,
    task_name,
    lead_unit,
    supporting_units,
    deadline_on,
    status,
    progress,
    progress_note,
    evidence,
    quote,
    basis,
    reported_by,
    approved_by
FROM staging
