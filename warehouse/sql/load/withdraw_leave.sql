-- What the star has from a withdrawn delivery leaves it for the history; but members that nobody else has told of.
WITH moved AS (
    DELETE FROM star.{target} AS c
     WHERE c.delivery_id = :delivery_id
       AND (c.row_no IS NOT NULL OR NOT EXISTS (SELECT FROM claim.{target} AS t
                                                 WHERE t.delivery_id = c.delivery_id AND t.row_no IS NULL AND ({key_c}) = ({key_t})))
    RETURNING c.*)
INSERT INTO history.{target} ({columns}, known_from, delivery_id, row_no, known_to)
SELECT {columns}, known_from, delivery_id, row_no, :seq FROM moved WHERE known_from < :seq;
