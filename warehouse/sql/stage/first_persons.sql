-- Who has supplied the rows of a delivery that a second person is to accept, and how many they are.
-- {table}: staging table; {column}: the field that names them; {cells}, :exempt: cells and values of rows that need nobody
SELECT count(*) AS rows,
       coalesce(array_agg(DISTINCT btrim(s.{column}::text)) FILTER (WHERE btrim(s.{column}::text) <> ''), '{{}}') AS persons
  FROM {table} AS s
 WHERE cardinality({cells}) = 0 OR {cells} IS DISTINCT FROM CAST(:exempt AS text[])
