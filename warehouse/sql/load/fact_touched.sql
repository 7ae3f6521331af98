-- Which rows of the delivery changed anything, which are believed as they are, and what stands above the others.
INSERT INTO pg_temp.told (row_no, is_touched, is_believed, outranked_by)
SELECT n.row_no, bool_or(k.was_there IS NOT NULL),
       -- What another thing leads to is not what was taken back. A row of the star to which the delivery's row does not
       -- lead: believed of the same thing, it speaks against it.
       bool_and(CASE WHEN :retracts
                     THEN b.delivery_id IS NULL
                          OR EXISTS (SELECT FROM ledger.claim AS x JOIN ledger.claim AS own ON (own.feed, own.key) <> (x.feed, x.key)
                                      WHERE x.delivery_id = b.delivery_id AND x.row_no = b.row_no
                                        AND own.delivery_id = :delivery_id AND own.row_no = n.row_no)
                     WHEN t.row_no IS NULL
                     THEN NOT EXISTS (SELECT FROM ledger.claim AS x JOIN ledger.claim AS own ON own.feed = x.feed AND own.key = x.key
                                       WHERE x.delivery_id = b.delivery_id AND x.row_no = b.row_no
                                         AND own.delivery_id = :delivery_id AND own.row_no = n.row_no)
                     ELSE ({columns_b}) IS NOT DISTINCT FROM ({columns_t}) END),
       max(coalesce(b.delivery_id, (SELECT max(s.delivery_id) FROM ledger.scope AS s JOIN ledger.delivery AS d USING (delivery_id)
                                     WHERE d.feed = :feed AND s.target = :target AND d.period_end >= :period_end)))
  FROM concerned AS n
  LEFT JOIN changed AS k ON ({key_k}) = ({key_n})
  LEFT JOIN believed AS b ON ({key_b}) = ({key_n})
  LEFT JOIN claim.{target} AS t ON t.delivery_id = :delivery_id AND t.row_no = n.row_no AND ({key_t}) = ({key_n})
 WHERE n.row_no IS NOT NULL
 GROUP BY n.row_no;
