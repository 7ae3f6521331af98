-- A row whose key could not be read has no thing to be known by. Its repair is the one row of a later delivery of the
-- same period that agrees with everything that could be read of it, where that row repairs no other entry. If in the
-- end a correction tells of as many new things as there are entries left of its period, they are these.
WITH entry AS (
    SELECT q.delivery_id, q.row_no, q.readable
      FROM ledger.quarantine AS q JOIN ledger.delivery AS e USING (delivery_id)
     WHERE q.feed = :feed AND q.key IS NULL AND q.resolved_by IS NULL AND q.delivery_id < :delivery_id
       AND e.state <> 'withdrawn'
       AND e.period_start = :period_start AND e.period_end = :period_end),
agreeing AS (
    SELECT e.delivery_id, e.row_no, s.row_no AS by_row,
           count(*) OVER (PARTITION BY e.delivery_id, e.row_no) AS rows,
           count(*) OVER (PARTITION BY s.row_no) AS entries
      FROM entry AS e JOIN pg_temp.staging AS s ON to_jsonb(s) @> e.readable
     WHERE (SELECT count(*) FROM jsonb_object_keys(e.readable)) >= 2),
repaired AS (
    SELECT delivery_id, row_no, by_row FROM agreeing WHERE rows = 1 AND entries = 1),
rest AS (
    SELECT delivery_id, row_no FROM entry EXCEPT SELECT delivery_id, row_no FROM repaired),
new AS (
    SELECT s.row_no
      FROM pg_temp.thing AS s
     WHERE :is_act AND s.row_no NOT IN (SELECT by_row FROM repaired)
       AND NOT EXISTS (SELECT FROM ledger.claim AS l WHERE l.feed = :feed AND l.key = s.key AND l.delivery_id <> :delivery_id)
       AND NOT EXISTS (SELECT FROM {in_star} AS c WHERE c.first = s.key ->> 0 AND c.key = s.key AND c.delivery_id <> :delivery_id)),
closed AS (
    SELECT delivery_id, row_no FROM repaired
     UNION ALL
    SELECT delivery_id, row_no FROM rest WHERE (SELECT count(*) FROM rest) = (SELECT count(*) FROM new))
UPDATE ledger.quarantine AS q SET resolved_by = :delivery_id
  FROM closed AS c WHERE q.delivery_id = c.delivery_id AND q.row_no = c.row_no;
