-- Current rows that this delivery knows better go to the history, where they stay as they were.
WITH moved AS (
    DELETE FROM star.{target} AS c
     USING ({incoming}) AS i
     WHERE {same_key}
       AND ({columns_c}) IS DISTINCT FROM ({columns_i})
       AND {outranks}
    RETURNING c.*)
INSERT INTO history.{target} ({columns}, known_from, delivery_id, row_no, known_to)
SELECT {columns}, known_from, delivery_id, row_no, :seq FROM moved;
