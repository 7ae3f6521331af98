-- The values of the claims, as the load query gave them.
INSERT INTO claim.{target} ({columns}, scope, delivery_id, row_no)
SELECT {columns_i}, jsonb_build_array({scope_i}), :delivery_id, i.row_no FROM {incoming} AS i;
