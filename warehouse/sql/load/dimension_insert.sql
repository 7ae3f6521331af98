-- Versions of the new timeline that the star does not have yet. A piece of an older version keeps
-- the row it was told by, and is believed since this commit.
WITH added AS (
    INSERT INTO star.{target} ({columns}, valid_from, valid_to, known_from, delivery_id, row_no)
    SELECT {columns}, valid_from, valid_to, :seq, delivery_id, row_no
      FROM timeline AS t
     WHERE NOT EXISTS (SELECT FROM star.{target} AS v WHERE v.{key} = t.{key} AND v.valid_from = t.valid_from)
    RETURNING {key})
INSERT INTO changed SELECT DISTINCT {key} FROM added;
