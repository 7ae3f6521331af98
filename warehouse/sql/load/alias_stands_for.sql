-- Names that mean one thing stand under its key.
WITH wanted AS (
    SELECT m.alias AS id, o.{registry}_key AS new_key
      FROM meant AS m JOIN registry.{registry} AS o ON o.{registry}_id = m.thing_id),
changed AS (
    INSERT INTO registry.{registry} AS r ({registry}_id, {registry}_key)
    SELECT id, new_key FROM wanted ORDER BY id
    ON CONFLICT ({registry}_id) DO NOTHING),
moved AS (
    UPDATE registry.{registry} AS r SET {registry}_key = w.new_key
      FROM wanted AS w, registry.{registry} AS before
     WHERE r.{registry}_id = w.id AND before.{registry}_id = w.id AND r.{registry}_key <> w.new_key AND r.{registry}_key > 0
    RETURNING r.{registry}_id AS id, before.{registry}_key AS old_key, w.new_key)
INSERT INTO renamed SELECT id, old_key, new_key FROM moved;
