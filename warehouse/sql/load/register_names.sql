-- Names in readable keys get their durable key as well.
INSERT INTO registry.{registry} ({registry}_id)
SELECT DISTINCT {id} FROM pg_temp.readable AS s
 ORDER BY 1
ON CONFLICT DO NOTHING;
