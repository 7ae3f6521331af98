-- The ids that a delivery says stand for a registered thing.
CREATE TEMP TABLE heard_aliases ON COMMIT DROP AS
SELECT DISTINCT ON (i.alias) i.alias, r.{registry}_key
  FROM ({select}) AS i
  JOIN registry.{registry} AS r ON r.{registry}_id = i.{registry}_id
 WHERE i.alias IS NOT NULL
 ORDER BY i.alias, i.{registry}_id;
