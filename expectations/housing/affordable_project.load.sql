-- Each lot gives up to three milestones: started, completed, delivered.

-- target: fact_housing_milestone
SELECT
    row_no,
    project_id,
    lot_id,
    milestone,
    project_name,
    housing_type,
    town AS area_id,
    units,
    milestone_on
FROM staging
CROSS JOIN LATERAL (
    VALUES ('started', started_on), ('completed', completed_on), ('delivered', delivered_on)
) AS milestones (milestone, milestone_on)
WHERE milestone_on IS NOT NULL
