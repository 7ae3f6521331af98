-- Things named for the first time get their durable key, in the order of their ids, so that
-- two loads that meet wait for each other and do not deadlock.
INSERT INTO registry.{registry} ({registry}_id)
SELECT DISTINCT {id}
  FROM named_ids AS named
 WHERE {id} IS NOT NULL
   AND NOT EXISTS (SELECT FROM registry.{registry} AS r WHERE r.{registry}_id = named.{id})
 ORDER BY {id}
ON CONFLICT DO NOTHING;
