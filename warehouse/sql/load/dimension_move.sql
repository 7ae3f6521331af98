-- Versions that the new timeline does not have go to the history.
WITH moved AS (
    DELETE FROM star.{target} AS v
     USING (SELECT DISTINCT {key} FROM concerned) AS k
     WHERE v.{key} = k.{key}
       AND NOT EXISTS (SELECT FROM timeline AS t
                        WHERE t.{key} = v.{key} AND t.valid_from = v.valid_from AND t.valid_to = v.valid_to
                          AND ({attributes_t}) IS NOT DISTINCT FROM ({attributes_v}))
    RETURNING v.*),
kept AS (
    INSERT INTO history.{target} ({columns}, valid_from, valid_to, known_from, delivery_id, row_no, known_to)
    SELECT {columns}, valid_from, valid_to, known_from, delivery_id, row_no, :seq FROM moved WHERE known_from < :seq)
INSERT INTO changed SELECT DISTINCT {key} FROM moved;
