-- How many worked days lie between the end of a period and a day, and whether all of them are of the published calendar.
-- :after, :until
SELECT count(*) FILTER (WHERE is_workday) AS days, bool_or(is_provisional) AS is_provisional
  FROM star.dim_date WHERE date_key > CAST(:after AS date) AND date_key <= CAST(:until AS date)
