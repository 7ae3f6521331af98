-- Versions that the new timeline no longer has go to the history.
WITH moved AS (
    DELETE FROM star.{target} AS v
     USING heard AS h
     WHERE v.{key} = h.{key}
       AND (EXISTS (SELECT FROM timeline AS t WHERE t.{key} = v.{key}) OR h.is_gone)
       AND NOT EXISTS (SELECT FROM timeline AS t
                        WHERE t.{key} = v.{key} AND t.valid_from = v.valid_from AND t.valid_to = v.valid_to
                          AND ({attributes_t}) IS NOT DISTINCT FROM ({attributes_v}))
    RETURNING v.*)
INSERT INTO history.{target} ({columns}, valid_from, valid_to, known_from, delivery_id, row_no, known_to)
SELECT {columns}, valid_from, valid_to, known_from, delivery_id, row_no, :seq FROM moved;
