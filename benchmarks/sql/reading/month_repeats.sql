-- 一个月的重复诉求，按镇街 / repeat complaints of a month by town.
SELECT a.town_name, count(*) AS repeats, avg(r.opened_at - r.previous_opened_at) AS mean_gap
  FROM bi.repeat_order(CAST(:month AS date), CAST(CAST(:month AS date) + INTERVAL '1 month' AS date)) AS r
  LEFT JOIN bi.area AS a ON a.area_key = r.area_key AND a.valid_to IS NULL
 GROUP BY a.town_name
 ORDER BY repeats DESC
