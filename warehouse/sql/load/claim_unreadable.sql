-- The things whose rows are kept out: they are there, their values are not known.
WITH entered AS (
    INSERT INTO ledger.claim (feed, key, sent, delivery_id, row_no, kind, source_at)
    SELECT :feed, {key}, {sent}, :delivery_id, s.row_no, 'unreadable', {source_at}
      FROM {table} AS s {joins}
      JOIN ledger.delivery AS d ON d.delivery_id = :delivery_id
     WHERE s.row_no IN (SELECT row_no FROM {bad} WHERE rule <> '#duplicate')
       AND {readable}
    RETURNING key, delivery_id, row_no)
UPDATE ledger.quarantine AS q SET key = e.key
  FROM entered AS e WHERE q.delivery_id = e.delivery_id AND q.row_no = e.row_no;
