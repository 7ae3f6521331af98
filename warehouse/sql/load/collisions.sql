-- Good rows of one file that are one thing once names are resolved, or that lead to one row of the star. Those that
-- say the same are duplicates of the first; the others contradict each other, and nobody can say which is right.
INSERT INTO {bad} (row_no, rule, found, business_key)
SELECT DISTINCT ON (m.row_no) m.row_no, CASE WHEN m.is_same THEN '#duplicate' ELSE :rule END, CASE WHEN NOT m.is_same THEN m.found END, {business_key}
  FROM (SELECT i.row_no,
               min(i.row_no) OVER same_key AS first_row, max(i.row_no) OVER same_key AS last_row,
               min(i.content) OVER same_key = max(i.content) OVER same_key AS is_same,
               min(i.said) OVER same_key || ' = ' || max(i.said) OVER same_key AS found
          FROM ({incoming}) AS i
        WINDOW same_key AS (PARTITION BY {key})) AS m
  JOIN {table} AS staged ON staged.row_no = m.row_no
 WHERE m.first_row <> m.last_row
   AND (NOT m.is_same OR m.row_no <> m.first_row)
   AND m.row_no NOT IN (SELECT row_no FROM {bad})
 ORDER BY m.row_no, m.is_same;
