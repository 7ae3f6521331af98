-- Periods of which a department says that there was nothing to report.

-- target: fact_delivery_register
SELECT
    row_no,
    of_feed,
    nothing_from,
    nothing_to,
    status,
    reported_by,
    note
FROM staging
