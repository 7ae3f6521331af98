-- 9. “三无”社区引入物业前后的住房类诉求 / housing demands per 10,000 households of the three-no communities,
-- month by month before and after their first manager came (offset 0: the month it came). Distinct cases; residents by
-- community are not supplied, so households of the community's estates on that day stand for them.
WITH event AS (
    SELECT area_key, min(area_code) AS area_code, min(area_name) AS area_name, min(starts_on) AS started_on
      FROM bi.property_contract
     WHERE was_three_no AND area_key > 0 AND starts_on BETWEEN :period_start AND :as_of
     GROUP BY area_key
), size AS (
    SELECT v.area_key, sum(e.households) AS households
      FROM event AS v JOIN bi.estate AS e ON e.area_key = v.area_key
       AND e.valid_from <= v.started_on AND (e.valid_to IS NULL OR v.started_on < e.valid_to)
     GROUP BY v.area_key
), month AS (
    SELECT v.*, o AS month_offset,
           CAST(date_trunc('month', v.started_on) + make_interval(months => o) AS date) AS month
      FROM event AS v CROSS JOIN generate_series(-CAST(:months AS int), CAST(:months AS int)) AS o
), demand AS (
    SELECT area_key, opened_month AS month, count(DISTINCT coalesce(case_id, order_id)) AS cases
      FROM bi.work_order
     WHERE area_key IN (SELECT area_key FROM event) AND category_1 = ANY (:housing_categories)
     GROUP BY 1, 2
)
SELECT m.area_code, m.area_name, m.started_on, m.month, m.month_offset,
       coalesce(d.cases, 0) AS cases, s.households,
       coalesce(d.cases, 0) * CAST(10000 AS double precision) / nullif(s.households, 0) AS per_10k_households
  FROM month AS m
  LEFT JOIN size AS s USING (area_key)
  LEFT JOIN demand AS d USING (area_key, month)
 ORDER BY m.area_code, m.month_offset
