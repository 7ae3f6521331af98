-- Social workers of a town in a month; aggregates, no persons.

-- target: fact_social_worker_month
SELECT
    row_no,
    town AS area_id,
    date_trunc('month', month::timestamp)::date AS month,
    community_workers,
    certified_community_workers,
    professionals,
    certified_professionals
FROM staging
