-- Rows withdrawn by a retraction leave the star for the history, unless something higher has told of them.
WITH retracted AS (
    SELECT {key_i}, i.row_no, i.teller, i.wins FROM {weighed} AS i),
moved AS (
    DELETE FROM star.{target} AS c USING retracted AS i WHERE ({key_c}) = ({key_i}) AND i.wins RETURNING c.*),
kept AS (
    INSERT INTO history.{target} ({columns}, known_from, delivery_id, row_no, known_to)
    SELECT {columns}, known_from, delivery_id, row_no, :seq FROM moved WHERE known_from < :seq)
INSERT INTO pg_temp.told (row_no, is_touched, is_believed, outranked_by)
SELECT row_no, coalesce(wins, false), NOT coalesce(wins, false), CASE WHEN NOT wins THEN teller END FROM retracted;
