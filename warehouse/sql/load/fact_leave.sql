-- What is no longer believed leaves the star for the history.
WITH moved AS (
    DELETE FROM star.{target} AS c USING changed AS k WHERE ({key_c}) = ({key_k}) RETURNING c.*)
INSERT INTO history.{target} ({columns}, known_from, delivery_id, row_no, known_to)
SELECT {columns}, known_from, delivery_id, row_no, :seq FROM moved WHERE known_from < :seq;
