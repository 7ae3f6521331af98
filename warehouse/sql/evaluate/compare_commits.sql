-- The commits after one and up to another at which an indicator may have changed: loads and withdrawals of its feeds, and
-- all that changed a row of the tables it reads ({touched}). A commit without a delivery of its own took deliveries back.
WITH touched AS (
    {touched}
)
SELECT c.seq, c.at, d.delivery_id, coalesce(d.withdrawn_seq = c.seq, false) AS is_withdrawal, d.feed, d.mode,
       d.period_start, d.period_end, concat_ws('/', d.file_name, d.member) AS file, (d.repairs IS NOT NULL) AS is_repair,
       -- The same bytes were loaded before and judged by another contract: nobody said anything new.
       EXISTS (SELECT FROM ledger.delivery AS e
                WHERE e.sha256 = d.sha256 AND e.member IS NOT DISTINCT FROM d.member AND e.feed = d.feed
                  AND e.delivery_id <> d.delivery_id AND e.seq < d.seq AND e.contract_hash <> d.contract_hash) AS is_judged_anew,
       ARRAY(SELECT e.delivery_id FROM ledger.delivery AS e
              WHERE e.feed = d.feed AND e.seq < d.seq AND (e.period_start, e.period_end) = (d.period_start, d.period_end)) AS earlier
  FROM ledger.commit AS c
  LEFT JOIN LATERAL (
        SELECT x.* FROM ledger.delivery AS x
         WHERE x.withdrawn_seq = c.seq OR x.delivery_id = c.delivery_id
         ORDER BY x.withdrawn_seq IS DISTINCT FROM c.seq, x.delivery_id
         LIMIT 1) AS d ON true
 WHERE c.seq > :after AND c.seq <= :upto
   AND (d.feed = ANY (:feeds) OR c.seq IN (SELECT t.seq FROM touched AS t))
 ORDER BY c.seq
