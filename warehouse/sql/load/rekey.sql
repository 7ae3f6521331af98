-- Rows under a key that was merged into another: the old version goes to the history, the same
-- row under the right key is believed from now on. Where that one exists already, it stays.
WITH moved AS (
    DELETE FROM star.{target} AS c
     USING merged_keys AS m
     WHERE c.{column} = m.old_key
    RETURNING c.*, m.new_key),
kept AS (
    INSERT INTO history.{target} ({columns}, known_to)
    SELECT {columns}, :seq FROM moved)
INSERT INTO star.{target} ({columns})
SELECT {rekeyed} FROM moved
ON CONFLICT DO NOTHING;
