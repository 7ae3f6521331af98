-- Who has supplied the rows of a delivery that a second person is to accept.
-- {table}: staging table; {column}: the field that names them
SELECT DISTINCT btrim(s.{column}::text) AS person
  FROM {table} AS s
 WHERE btrim(s.{column}::text) <> ''
 ORDER BY person
