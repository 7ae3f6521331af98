-- Rows of the star without claims whose name means another thing now, or under a key that no id has any more: the
-- old version goes to the history, the same row under the right key is believed from now on. {sent} is the star's column,
-- or m.unsent where it keeps no name beside the key.
WITH merged AS (
    SELECT DISTINCT n.old_key, n.new_key, o.{registry}_no AS sent, CAST(NULL AS int) AS unsent,
           EXISTS (SELECT FROM registry.{registry} AS r WHERE r.{registry}_key = n.old_key) AS is_used
      FROM renamed AS n JOIN registry.{registry} AS o ON o.{registry}_id = n.id),
moved AS (
    DELETE FROM star.{target} AS c
     USING merged AS m
     WHERE c.{column} = m.old_key
       AND CASE WHEN {sent} IS NULL THEN NOT m.is_used ELSE {sent} = m.sent END
       AND NOT EXISTS (SELECT FROM claim.{target} AS t WHERE t.delivery_id = c.delivery_id AND t.row_no = c.row_no)
       AND (c.row_no IS NOT NULL
            OR NOT EXISTS (SELECT FROM claim.{target} AS t WHERE t.delivery_id = c.delivery_id AND t.row_no IS NULL))
    RETURNING c.*, m.new_key),
kept AS (
    INSERT INTO history.{target} ({columns}, known_to)
    SELECT {columns}, :seq FROM moved WHERE known_from < :seq)
INSERT INTO star.{target} ({column}, known_from, {others})
SELECT new_key, :seq, {others} FROM moved
ON CONFLICT DO NOTHING;
