-- Orders of a month under each dimension: by the order's own tag where it names one, else by the bridges of its category on its day.
-- An order may belong to several dimensions: not to be added up over them.
CREATE OR REPLACE VIEW bi.livelihood_order_month AS
WITH counted AS (
    SELECT w.category_key, w.livelihood, label.beijing(w.opened_at)::date AS opened_on, count(*) AS orders,
           count(*) FILTER (WHERE w.resolution = '解决') AS resolved,
           count(*) FILTER (WHERE w.resolution IS NOT NULL) AS answered
      FROM star.fact_work_order AS w
     GROUP BY w.category_key, w.livelihood, label.beijing(w.opened_at)::date
)
SELECT l.livelihood_code, l.position, l.name_zh AS livelihood_zh, l.name_en AS livelihood_en,
       date_trunc('month', c.opened_on)::date AS opened_month, sum(c.orders)::bigint AS orders,
       sum(c.resolved)::bigint AS resolved, sum(c.answered)::bigint AS answered, l.basis
  FROM counted AS c
  LEFT JOIN label.category_now AS k ON k.category_key = c.category_key
  JOIN plan.livelihood AS l
    ON CASE WHEN c.livelihood IN (SELECT name_zh FROM plan.livelihood) THEN l.name_zh = c.livelihood
            ELSE EXISTS (SELECT FROM plan.livelihood_bridge AS b
                          WHERE b.livelihood_code = l.livelihood_code AND b.category_1 = k.category_1
                            AND (b.category_2 IS NULL OR b.category_2 = k.category_2)
                            AND b.valid_from <= c.opened_on AND c.opened_on < b.valid_to) END
 GROUP BY l.livelihood_code, date_trunc('month', c.opened_on)::date;
COMMENT ON VIEW bi.livelihood_order_month IS
    '七有五性各方面每月诉求量；一单可属几个方面，不可相加；对应关系非官方 / orders a month under each livelihood dimension; not additive over dimensions; unofficial';
