-- Approved changes of school places, by the day they take effect.

-- target: fact_seat_change
SELECT
    row_no,
    change_id,
    school_id,
    stage,
    change_type,
    seats,
    effective_on,
    document_no
FROM staging
