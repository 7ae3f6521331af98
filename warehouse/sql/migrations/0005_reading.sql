-- A vocabulary that no file has filled yet has no statistics: PostgreSQL takes it for 200 words, and does not
-- count in parallel for fear of so many groups.
ALTER TABLE star.fact_work_order
    ALTER handling_role SET (n_distinct = 3), ALTER order_type SET (n_distinct = 6), ALTER urgency SET (n_distinct = 3),
    ALTER livelihood SET (n_distinct = 12), ALTER resolution SET (n_distinct = 3), ALTER satisfaction SET (n_distinct = 4);
