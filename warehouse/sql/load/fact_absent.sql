-- A full snapshot no longer has these: they leave the star for the history. A thing that is in the
-- file at all, be it in quarantine, is not absent; nor is one that a later period has told of.
WITH moved AS (
    DELETE FROM star.{target} AS c
     WHERE c.delivery_id IN (SELECT delivery_id FROM ledger.delivery WHERE feed = :feed)
       AND c.delivery_id <> ALL (:outranking)
       AND {in_scope}
       AND NOT EXISTS (SELECT FROM ({incoming}) AS i WHERE {same_key})
       AND NOT EXISTS (SELECT FROM ({incoming_bad}) AS i WHERE {same_part})
    RETURNING c.*)
INSERT INTO history.{target} ({columns}, known_from, delivery_id, row_no, known_to)
SELECT {columns}, known_from, delivery_id, row_no, :seq FROM moved;
