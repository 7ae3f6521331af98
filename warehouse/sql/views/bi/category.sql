-- What bi.work_order calls its keys: millions of orders are counted by key first and named afterwards.
CREATE OR REPLACE VIEW bi.category AS
SELECT r.category_key, CASE WHEN c.category_key IS NULL THEN label.unknown(r.category_key) ELSE c.category_1 END AS category_1,
       c.category_2, c.category_3
  FROM registry.category AS r
  LEFT JOIN label.category_now AS c ON c.category_key = r.category_key;
COMMENT ON VIEW bi.category IS '诉求分类：每个内部键一行 / categories of orders, one row per key';
