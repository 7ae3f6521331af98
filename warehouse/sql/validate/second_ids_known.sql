-- Rows of a delivery that say what the star believes already, of a thing with another business key that
-- the delivery does not name: a pair a line. For feeds that send only what is new.
-- {table}: staging table; {bad}: condition on row_no of the good rows; {key}, {star_key}: the business key
-- as text, here and in the star; {target}: its table; {joins}: registries of the keys; {same}: conditions
WITH good AS (
    SELECT row_no, {key} AS thing, {columns}
      FROM {table}
     WHERE {bad} AND {filled}
)
SELECT ARRAY[{star_key}, good.thing] AS things,
       ARRAY[NULL, good.row_no + coalesce(s.row_offset, 0)] AS rows,
       1 AS row_count,
       good.row_no AS first_row
  FROM good {joins}
  JOIN {target} AS t ON {same}
  LEFT JOIN ledger.segment AS s
    ON s.delivery_id = :delivery_id AND good.row_no >= s.first_row_no AND good.row_no < s.first_row_no + s.rows
 WHERE {star_key} <> good.thing
   AND {star_key} NOT IN (SELECT {key} FROM {table} WHERE {has_key})
 ORDER BY first_row;
