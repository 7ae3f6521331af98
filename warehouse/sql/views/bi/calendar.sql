CREATE OR REPLACE VIEW bi.calendar AS
SELECT date_key, year, quarter, month, day, iso_week, weekday, is_weekend, is_holiday, is_workday,
       holiday_name, is_provisional
  FROM star.dim_date;
COMMENT ON VIEW bi.calendar IS '日历（含调休）/ calendar with shifted workdays';
