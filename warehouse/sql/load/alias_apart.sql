-- Ids that mean themselves, or nobody can say what, and stand under a thing's key: they get one of their own.
WITH apart AS (
    SELECT r.{registry}_id AS id, r.{registry}_key AS old_key
      FROM meant AS m JOIN registry.{registry} AS r ON r.{registry}_id = m.alias
     WHERE m.thing_id IS NULL
       AND EXISTS (SELECT FROM ledger.alias AS a JOIN registry.{registry} AS o ON o.{registry}_id = a.thing_id
                    WHERE a.registry = :registry AND a.alias = m.alias AND o.{registry}_key = r.{registry}_key)),
rekeyed AS (
    UPDATE registry.{registry} AS r
       SET {registry}_key = nextval(pg_get_serial_sequence('registry.{registry}', '{registry}_key'))
      FROM apart AS a WHERE r.{registry}_id = a.id
    RETURNING r.{registry}_id AS id, r.{registry}_key AS new_key)
INSERT INTO renamed SELECT id, a.old_key, m.new_key FROM apart AS a JOIN rekeyed AS m USING (id);
