-- What the doubtful rows say, as the load query gives it.
INSERT INTO doubtful.{target} ({columns}, scope, delivery_id, row_no)
SELECT {columns_i}, jsonb_build_array({scope_i}), :delivery_id, i.row_no
  FROM {incoming} AS i JOIN ledger.doubtful AS n ON n.doubtful_id = -i.row_no;
