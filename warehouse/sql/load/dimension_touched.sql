-- Which rows of the delivery changed a timeline, which are believed as they are, and what stands above the others.
INSERT INTO pg_temp.told (row_no, is_touched, is_believed, outranked_by)
SELECT n.row_no, bool_or(n.{key} IN (SELECT {key} FROM changed)),
       bool_and(CASE WHEN :retracts THEN b.{key} IS NULL
                     ELSE t.row_no IS NULL OR b.{key} IS NOT NULL AND ({attributes_b}) IS NOT DISTINCT FROM ({attributes_t}) END),
       max(b.delivery_id)
  FROM concerned AS n
  LEFT JOIN claim.{target} AS t ON t.delivery_id = :delivery_id AND t.row_no = n.row_no AND t.{key} = n.{key}
  LEFT JOIN timeline AS b ON b.{key} = n.{key} AND b.valid_from <= t.valid_from AND t.valid_from < b.valid_to
 WHERE n.row_no IS NOT NULL
 GROUP BY n.row_no;
