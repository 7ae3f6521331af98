-- The names that a delivery gives to registered things.
INSERT INTO ledger.alias (registry, alias, thing_id, delivery_id)
SELECT DISTINCT :registry, i.alias, i.{registry}_id, :delivery_id
  FROM {rows} AS i
 WHERE i.alias IS NOT NULL AND i.{registry}_id IS NOT NULL AND i.alias <> i.{registry}_id;
