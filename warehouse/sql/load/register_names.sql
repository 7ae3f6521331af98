-- Names in readable keys get their durable key as well.
INSERT INTO registry.{registry} ({registry}_id)
SELECT DISTINCT {id} FROM {table} AS s WHERE {readable}
 ORDER BY 1
ON CONFLICT DO NOTHING;
