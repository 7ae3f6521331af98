-- Current rows that this delivery knows better go to the history, where they stay as they were; what told so
-- takes their place.
WITH better AS (
    SELECT {key_i} FROM {weighed} AS i WHERE i.is_known AND i.wins),
moved AS (
    DELETE FROM star.{target} AS c USING better AS i WHERE ({key_c}) = ({key_i}) RETURNING c.*),
kept AS (
    INSERT INTO history.{target} ({columns}, known_from, delivery_id, row_no, known_to)
    SELECT {columns}, known_from, delivery_id, row_no, :seq FROM moved WHERE known_from < :seq)
UPDATE differing AS i SET is_known = false FROM moved AS c WHERE ({key_c}) = ({key_i});
