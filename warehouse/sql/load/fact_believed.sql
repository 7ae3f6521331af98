-- What is believed of the rows concerned: of all claims on a thing the highest counts; it is a row and no
-- higher snapshot misses the thing. A periodic fact's months are things of their own ({own_t} and so on: its month or
-- year). Where two things lead to one row of the star, the higher one's. {source_at} is the star's, or `timeless`.
CREATE TEMP TABLE believed ON COMMIT DROP AS
WITH thing AS (
    SELECT DISTINCT l.feed, l.key, CASE WHEN :is_periodic THEN jsonb_build_array({own_t}) END AS own
      FROM (SELECT DISTINCT {key} FROM concerned) AS k
      JOIN claim.{target} AS t ON ({key_t}) = ({key_k})
      JOIN ledger.claim AS l ON l.delivery_id = t.delivery_id AND l.row_no = t.row_no
),
highest AS (
    SELECT DISTINCT ON (l.feed, l.key, thing.own) l.feed, l.key, l.delivery_id, l.row_no, l.kind,
           ledger.rank_of(true, l.source_at, :is_periodic, d) AS rank
      FROM thing JOIN ledger.claim AS l USING (feed, key)
      JOIN ledger.delivery AS d ON d.delivery_id = l.delivery_id
      LEFT JOIN claim.{target} AS o ON :is_periodic AND o.delivery_id = l.delivery_id AND o.row_no = l.row_no
     WHERE l.kind <> 'unreadable' AND (NOT :is_periodic OR jsonb_build_array({own_o}) = thing.own)
     ORDER BY l.feed, l.key, thing.own, rank DESC, l.row_no
),
snapshot AS MATERIALIZED (
    SELECT * FROM ledger.snapshots(:target, :is_periodic)
),
candidate AS (
    SELECT {columns_t}, t.delivery_id, t.row_no, h.rank
      FROM highest AS h
      JOIN claim.{target} AS t ON t.delivery_id = h.delivery_id AND t.row_no = h.row_no
     WHERE h.kind = 'row'
       AND NOT EXISTS (SELECT FROM snapshot AS s
                        WHERE s.feed = h.feed AND s.scope = t.scope AND s.rank > h.rank
                          AND NOT EXISTS (SELECT FROM ledger.claim AS m
                                           WHERE m.feed = h.feed AND m.key = h.key AND m.delivery_id = s.delivery_id))
     UNION ALL
    -- Rows of feeds that keep no claims, and of the time before claims were kept, speak for themselves.
    SELECT {columns_c}, c.delivery_id, c.row_no,
           ledger.rank_of(true, ledger.source_time({source_at}, d), :is_periodic, d)
      FROM star.{target} AS c JOIN (SELECT DISTINCT {key} FROM concerned) AS k ON ({key_c}) = ({key_k})
      JOIN ledger.delivery AS d USING (delivery_id)
     CROSS JOIN (VALUES (CAST('-infinity' AS timestamptz))) AS timeless (source_at)
     WHERE NOT EXISTS (SELECT FROM claim.{target} AS t WHERE t.delivery_id = c.delivery_id AND t.row_no = c.row_no)
       AND NOT EXISTS (SELECT FROM snapshot AS s
                        WHERE s.feed = d.feed AND s.scope = jsonb_build_array({own_c})
                          AND s.rank > ledger.rank_of(true, ledger.source_time({source_at}, d), :is_periodic, d)
                          AND NOT EXISTS (SELECT FROM claim.{target} AS t WHERE t.delivery_id = s.delivery_id AND ({key_c}) = ({key_t})))
)
SELECT DISTINCT ON ({key}) {columns}, delivery_id, row_no
  FROM candidate AS c
 WHERE EXISTS (SELECT FROM concerned AS k WHERE ({key_c}) = ({key_k}))
 ORDER BY {key}, rank DESC, row_no;
