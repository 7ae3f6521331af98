-- How many rows there are, and a checksum that does not ask for their order.
-- {columns}: texts to compare; {rows}: the query that gives them
SELECT count(*) AS rows,
       coalesce(sum(hashtextextended(concat_ws('|', {columns}), 0)::numeric), 0)::text AS checksum
  FROM ({rows}) AS compared
