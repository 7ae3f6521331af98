-- How many rows of some deliveries are believed at a commit in the tables that an indicator reads: those that a figure does
-- not hang on are of another day, or left out by its definition.
SELECT b.delivery_id, count(DISTINCT b.row_no) AS rows
  FROM ({believed}) AS b
 GROUP BY b.delivery_id
