-- An entry is closed by a readable row of the same thing that outranks it, whichever came first. The star has the
-- highest row; where that was taken back since, the history has it.
UPDATE ledger.quarantine AS q
   SET resolved_by = (
       SELECT c.delivery_id
         FROM known.{target} AS c JOIN ledger.delivery AS d USING (delivery_id)
        WHERE {key_text} AND {key_json} = q.key
          AND ledger.rank_of(true, ledger.source_time(c.source_at, d), false, d) > ledger.rank_of(true, u.source_at, false, e)
        ORDER BY c.known_from DESC LIMIT 1)
  FROM ledger.claim AS u, ledger.delivery AS e
 WHERE q.feed = :feed AND q.resolved_by IS NULL AND q.key IS NOT NULL
   AND u.delivery_id = q.delivery_id AND u.row_no = q.row_no
   AND e.delivery_id = q.delivery_id
   AND EXISTS (SELECT FROM known.{target} AS c JOIN ledger.delivery AS d USING (delivery_id)
                WHERE {key_text} AND {key_json} = q.key
                  AND (c.delivery_id = :delivery_id OR q.delivery_id = :delivery_id)
                  AND ledger.rank_of(true, ledger.source_time(c.source_at, d), false, d) > ledger.rank_of(true, u.source_at, false, e));
