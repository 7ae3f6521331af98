-- 8. 超期或退单两次以上的工单，按分类与紧急程度 / orders past their deadline or returned twice or more, by category and urgency.
SELECT category_1, category_2, urgency, count(*) AS orders,
       count(*) FILTER (WHERE is_overdue) AS overdue,
       count(*) FILTER (WHERE return_count >= 2) AS returned_twice,
       count(*) FILTER (WHERE is_overdue OR return_count >= 2) AS either,
       count(*) FILTER (WHERE is_overdue OR return_count >= 2) / CAST(count(*) AS double precision) AS either_rate
  FROM bi.work_order
 WHERE opened_at >= CAST(:from_on AS timestamp) AT TIME ZONE INTERVAL '8 hours'
   AND opened_at < CAST(:to_on AS timestamp) AT TIME ZONE INTERVAL '8 hours'
 GROUP BY category_1, category_2, urgency
 ORDER BY either DESC, category_1, category_2, urgency
