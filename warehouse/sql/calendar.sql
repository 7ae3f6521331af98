-- Fill the date dimension: new days in, changed ones corrected, equal ones left alone.
-- The placeholder stands for the rows that etl/database/calendar.py computes.
INSERT INTO star.dim_date AS present ( -- noqa: PRS
    date_key, year, quarter, month, day, iso_week, weekday,
    is_weekend, is_holiday, is_workday, holiday_name, is_provisional
)
VALUES %s
ON CONFLICT (date_key) DO UPDATE SET
    year = excluded.year,
    quarter = excluded.quarter,
    month = excluded.month,
    day = excluded.day,
    iso_week = excluded.iso_week,
    weekday = excluded.weekday,
    is_weekend = excluded.is_weekend,
    is_holiday = excluded.is_holiday,
    is_workday = excluded.is_workday,
    holiday_name = excluded.holiday_name,
    is_provisional = excluded.is_provisional
WHERE present IS DISTINCT FROM excluded
