-- Rows of a delivery that say the same of what ought to be one thing, under more than one business key:
-- a group a line, the largest first, with the keys and the rows (as the file counts them) of each.
-- Rows that are not loaded, and rows in which one of the fields is empty, count for nothing.
-- {table}: staging table; {bad}: condition on row_no of the good rows; {key}: the business key as text;
-- {same}: the fields; {filled}: that each is filled
WITH good AS (
    SELECT row_no, {key} AS thing, {columns}
      FROM {table}
     WHERE {bad} AND {filled}
), twins AS (
    SELECT {same}
      FROM good
     GROUP BY {same}
    HAVING min(thing) <> max(thing)
), things AS (
    SELECT {same}, thing, min(row_no) AS row_no, count(*) AS rows
      FROM good JOIN twins USING ({same})
     GROUP BY {same}, thing
)
SELECT array_agg(thing ORDER BY row_no) AS things,
       array_agg(row_no + coalesce(s.row_offset, 0) ORDER BY row_no) AS rows,
       sum(things.rows)::int AS row_count,
       min(row_no) AS first_row
  FROM things
  LEFT JOIN ledger.segment AS s
    ON s.delivery_id = :delivery_id AND things.row_no >= s.first_row_no AND things.row_no < s.first_row_no + s.rows
 GROUP BY {same}
 ORDER BY first_row;
