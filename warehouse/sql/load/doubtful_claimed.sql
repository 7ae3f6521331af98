-- What they say of this table of the star.
INSERT INTO doubtful.{target} ({columns}, scope, delivery_id, row_no)
SELECT {columns_c}, c.scope, c.delivery_id, -n.doubtful_id
  FROM ledger.doubtful AS n JOIN claim.{target} AS c ON c.delivery_id = n.delivery_id AND c.row_no = n.row_no
 WHERE NOT EXISTS (SELECT FROM doubtful.{target} AS x WHERE x.row_no = -n.doubtful_id);
