-- The things whose rows are kept out: they are there, their values are not known.
WITH entered AS (
    INSERT INTO ledger.claim (feed, key, sent, delivery_id, row_no, kind, source_at)
    SELECT :feed, s.key, s.sent, :delivery_id, s.row_no, 'unreadable', s.source_at
      FROM pg_temp.kept_out AS s
    RETURNING key, delivery_id, row_no)
UPDATE ledger.quarantine AS q SET key = e.key
  FROM entered AS e WHERE q.delivery_id = e.delivery_id AND q.row_no = e.row_no;
