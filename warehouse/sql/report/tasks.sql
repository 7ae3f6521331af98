-- What was reported of each task by a day, as known at a commit.
SELECT DISTINCT ON (f.task_id)
       f.task_id, f.task_name, f.lead_unit, f.supporting_units, f.deadline_on, f.reported_on, f.status, f.progress,
       f.progress_note, f.evidence, f.basis, f.delivery_id, f.row_no
  FROM known.fact_task AS f
 WHERE f.reported_on <= :as_of AND f.known_from <= :known_at AND :known_at < f.known_to
 ORDER BY f.task_id, f.reported_on DESC
