-- Rows withdrawn by a retraction delivery leave the star for the history.
WITH moved AS (
    DELETE FROM star.{target} AS c
     USING ({incoming}) AS i
     WHERE {same_key}
    RETURNING c.*, i.row_no AS by_row),
kept AS (
    INSERT INTO history.{target} ({columns}, known_from, delivery_id, row_no, known_to)
    SELECT {columns}, known_from, delivery_id, row_no, :seq FROM moved)
INSERT INTO pg_temp.touched SELECT by_row FROM moved;
