-- Every id, name and alias under which the register of areas knows something of these levels (all levels if none is given).
SELECT r.area_id
  FROM registry.area AS r
 WHERE r.area_key > 0
   AND r.area_key IN (SELECT area_key FROM star.dim_area AS v
                       WHERE cardinality(CAST(:levels AS text[])) = 0 OR v.area_level = ANY (CAST(:levels AS text[])))
 ORDER BY 1;
