-- Names that were used before anybody said what they stand for have keys of their own, which no
-- dimension version describes. Now they turn out to be the same things.
CREATE TEMP TABLE merged_keys ON COMMIT DROP AS
SELECT DISTINCT r.{registry}_key AS old_key, h.{registry}_key AS new_key
  FROM heard_aliases AS h
  JOIN registry.{registry} AS r ON r.{registry}_id = h.alias
 WHERE r.{registry}_key <> h.{registry}_key
   AND r.{registry}_key > 0
   AND NOT EXISTS (SELECT FROM star.dim_{registry} AS v WHERE v.{registry}_key = r.{registry}_key);
