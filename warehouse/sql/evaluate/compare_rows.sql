-- What is known of rows of a delivery, by the rows of the star that they made ({told}: what is believed and what was, so that a
-- withdrawal since changes nothing): accepted out of quarantine as they were; bringing whole what was in open quarantine, whose key
-- is a list of values and of things such as {{"area": 17}}; said before by a delivery of the same period.
WITH told AS (
    {told}
), closed AS (
    SELECT q.key
      FROM ledger.quarantine AS q
      JOIN ledger.delivery AS e ON e.delivery_id = q.delivery_id
      JOIN ledger.delivery AS d ON d.delivery_id = :delivery_id AND d.feed = q.feed
     WHERE q.key IS NOT NULL AND ledger.is_loaded(e, d.seq - 1) AND ledger.is_open(q, d.seq - 1)
       AND (q.resolved_by = d.delivery_id
            OR EXISTS (SELECT FROM ledger.reopened AS o
                        WHERE o.delivery_id = q.delivery_id AND o.row_no = q.row_no AND o.closed_by = d.delivery_id))
)
SELECT r.row_no,
       EXISTS (SELECT FROM ledger.repair AS a
                WHERE a.delivery_id = :delivery_id AND a.row_no = r.row_no AND a.action = 'accept') AS is_accepted,
       EXISTS (SELECT FROM told AS t JOIN closed AS c
                   ON NOT EXISTS (
                        SELECT FROM jsonb_array_elements(c.key) AS part
                         WHERE CASE jsonb_typeof(part)
                                    WHEN 'object' THEN NOT EXISTS (SELECT FROM jsonb_each_text(part) AS p (thing, key)
                                                                    WHERE t.named ->> (p.thing || '_key') = p.key)
                                    ELSE NOT EXISTS (SELECT FROM jsonb_each_text(t.named) AS n WHERE n.value = part #>> '{{}}') END)
                WHERE t.row_no = r.row_no) AS is_closing,
       coalesce((SELECT bool_or(t.is_said_anew) FROM told AS t WHERE t.row_no = r.row_no), false) AS is_said_anew
  FROM unnest(CAST(:row_nos AS int[])) AS r (row_no)
