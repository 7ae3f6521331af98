-- The things that are given names, where nobody has spoken of them yet.
INSERT INTO registry.{registry} ({registry}_id)
SELECT DISTINCT thing_id FROM registry.alias
 WHERE registry = :registry AND delivery_id = :delivery_id
 ORDER BY thing_id
ON CONFLICT DO NOTHING;
