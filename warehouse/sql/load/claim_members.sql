-- Members that a lookup derives from the delivery's rows, where the star does not have them in these words: who only
-- repeats a derived member has said nothing.
INSERT INTO claim.{target} ({columns}, scope, delivery_id, row_no)
SELECT {columns_i}, '[]', :delivery_id, i.row_no
  FROM {incoming} AS i
 WHERE NOT EXISTS (SELECT FROM star.{target} AS v
                    WHERE v.{key} = i.{key} AND v.valid_from <= i.valid_from AND i.valid_from < v.valid_to
                      AND ({attributes_v}) IS NOT DISTINCT FROM ({attributes_i}));
