-- Good rows of one file that are one thing once names are resolved, or that lead to one row of the star. One that says
-- the same as an earlier one is its duplicate; the others contradict each other, and nobody can say which is right.
INSERT INTO {bad} (row_no, rule, found, business_key)
SELECT DISTINCT ON (m.row_no) m.row_no, CASE WHEN m.is_repeated THEN '#duplicate' ELSE :rule END,
       CASE WHEN NOT m.is_repeated THEN m.found END, {business_key}
  FROM (SELECT i.row_no,
               row_number() OVER (PARTITION BY {key}, i.content ORDER BY i.row_no) > 1 AS is_repeated,
               min(i.content) OVER same_key <> max(i.content) OVER same_key AS is_disputed,
               min(i.said) OVER same_key || ' = ' || max(i.said) OVER same_key AS found
          FROM ({incoming}) AS i
        WINDOW same_key AS (PARTITION BY {key})) AS m
  JOIN {table} AS staged ON staged.row_no = m.row_no
 WHERE (m.is_repeated OR m.is_disputed)
   AND m.row_no NOT IN (SELECT row_no FROM {bad})
 ORDER BY m.row_no, m.is_repeated;
