-- Current rows that this delivery knows better go to the history, where they stay as they were; what
-- told so takes their place.
WITH moved AS (
    DELETE FROM star.{target} AS c
     USING differing AS i
     WHERE {same_key} AND i.is_known AND {outranks}
    RETURNING c.*),
kept AS (
    INSERT INTO history.{target} ({columns}, known_from, delivery_id, row_no, known_to)
    SELECT {columns}, known_from, delivery_id, row_no, :seq FROM moved)
UPDATE differing AS i SET is_known = false FROM moved AS c WHERE {same_key};
