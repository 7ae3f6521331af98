-- What had arrived of some feeds, as known at a commit: loaded deliveries with the rows that were still
-- quarantined then (unread: of which nothing can be said), and those that wait or are held.
SELECT d.delivery_id, d.feed, d.mode, d.period_start, d.period_end,
       ledger.is_loaded(d, :known_at) AS is_loaded,
       coalesce(d.rows, 0) AS rows,
       coalesce(q.open_rows, 0) AS open_rows,
       coalesce(q.unread_rows, 0) AS unread_rows,
       CAST(d.received_at AT TIME ZONE INTERVAL '8 hours' AS date) AS received_on,
       d.seq, d.synthetic AS is_synthetic,
       (SELECT coalesce(sum(CAST(r ->> 'rows' AS int)), 0)
          FROM jsonb_array_elements(d.reasons) AS r WHERE r ->> 'rule' = 'second_id') AS second_ids
  FROM ledger.delivery AS d
  LEFT JOIN (
        SELECT q.delivery_id, count(*) AS open_rows,
               count(*) FILTER (WHERE NOT EXISTS (SELECT FROM ledger.doubtful AS n
                                                   WHERE n.delivery_id = q.delivery_id AND n.row_no = q.row_no)) AS unread_rows
          FROM ledger.quarantine AS q
         WHERE ledger.is_open(q, :known_at)
         GROUP BY q.delivery_id) AS q USING (delivery_id)
 WHERE d.feed = ANY (:feeds)
   AND (ledger.is_loaded(d, :known_at)
        -- What was loaded or rejected since waited then.
        OR d.received_at <= :moment
           AND (d.state IN ('received', 'staged', 'validated', 'held')
                OR d.seq > :known_at
                OR EXISTS (SELECT FROM ledger.decision AS v
                            WHERE v.delivery_id = d.delivery_id AND v.verb = 'reject' AND v.decided_at > :moment)))
 UNION ALL
-- A period of events of which a department has registered that there was nothing: covered, though no file came.
SELECT f.delivery_id, f.of_feed, 'delta', f.nothing_from, f.nothing_to, true, 0, 0, 0,
       CAST(d.received_at AT TIME ZONE INTERVAL '8 hours' AS date), d.seq, d.synthetic, 0
  FROM known.fact_delivery_register AS f
  JOIN ledger.delivery AS d USING (delivery_id)
 WHERE f.of_feed = ANY (:of_events) AND f.known_from <= :known_at AND :known_at < f.known_to
