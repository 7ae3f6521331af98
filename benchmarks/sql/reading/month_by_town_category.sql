-- 一个月的工单，按镇街与分类 / orders of a month by town and category.
SELECT town_name, category_1, category_2,
       count(*) AS orders
  FROM bi.work_order
 WHERE opened_at >= CAST(:month AS timestamp) AT TIME ZONE INTERVAL '8 hours'
   AND opened_at < (CAST(:month AS timestamp) + INTERVAL '1 month') AT TIME ZONE INTERVAL '8 hours'
 GROUP BY town_name, category_1, category_2
 ORDER BY orders DESC
