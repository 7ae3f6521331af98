-- Current rows that this delivery knows better go to the history, where they stay as they were; what told so
-- takes their place. A row is outranked by the source's time, then by period, mode and receipt, where the
-- current row has the rank of the highest delivery that told of it.
WITH better AS (
    SELECT {key_i}
      FROM differing AS i
      JOIN star.{target} AS c ON ({key_c}) = ({key_i})
      JOIN ledger.delivery AS d ON d.delivery_id = c.delivery_id
      JOIN ledger.delivery AS own ON own.delivery_id = :delivery_id
     WHERE i.is_known AND ({outranks})),
moved AS (
    DELETE FROM star.{target} AS c USING better AS i WHERE ({key_c}) = ({key_i}) RETURNING c.*),
kept AS (
    INSERT INTO history.{target} ({columns}, known_from, delivery_id, row_no, known_to)
    SELECT {columns}, known_from, delivery_id, row_no, :seq FROM moved WHERE known_from < :seq)
UPDATE differing AS i SET is_known = false FROM moved AS c WHERE ({key_c}) = ({key_i});
