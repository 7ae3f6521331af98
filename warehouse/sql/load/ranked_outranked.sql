-- What stands above the rows that changed nothing.
INSERT INTO pg_temp.told (row_no, is_touched, is_believed, outranked_by)
SELECT i.row_no, false, false, coalesce(c.delivery_id, (SELECT max(l.delivery_id) FROM ledger.claim AS l
                                                          WHERE l.feed = :feed AND l.key = jsonb_build_array({key_i}) AND l.kind = 'retracted'))
  FROM differing AS i LEFT JOIN star.{target} AS c ON ({key_c}) = ({key_i})
 WHERE c.delivery_id IS DISTINCT FROM :delivery_id
 LIMIT 1000;
