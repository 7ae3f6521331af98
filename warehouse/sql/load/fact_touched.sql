-- Which rows of the delivery changed anything, which are believed as they are, and what stands above the others.
INSERT INTO pg_temp.told (row_no, is_touched, is_believed, outranked_by)
SELECT n.row_no, bool_or(k.was_there IS NOT NULL), {is_believed},
       max(coalesce(b.delivery_id, (SELECT max(s.delivery_id) FROM ledger.scope AS s JOIN ledger.delivery AS d USING (delivery_id)
                                     WHERE d.feed = :feed AND s.target = :target AND d.period_end >= :period_end)))
  FROM concerned AS n
  LEFT JOIN changed AS k ON {same_k_n}
  LEFT JOIN believed AS b ON {same_b_n}
  LEFT JOIN claim.{target} AS t ON t.delivery_id = :delivery_id AND t.row_no = n.row_no AND {same_t_n}
 WHERE n.row_no IS NOT NULL
 GROUP BY n.row_no;
