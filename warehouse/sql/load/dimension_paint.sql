-- The timeline of every thing concerned, after what was heard is painted over it: what the old
-- versions leave, plus the new stretch, with equal neighbours joined. One rule for a first
-- version, a change, a late older snapshot, a correction and a disappearance.
CREATE TEMP TABLE timeline ON COMMIT DROP AS
WITH concerned AS (
    SELECT h.* FROM heard AS h
     WHERE NOT EXISTS (SELECT FROM star.{target} AS v
                        WHERE v.{key} = h.{key} AND NOT h.is_gone
                          AND v.valid_from <= h.paint_from AND v.valid_to >= h.paint_to
                          AND ({attributes_v}) IS NOT DISTINCT FROM ({attributes_h}))
),
pieces AS (
    SELECT v.{key}, {attributes_v}, v.valid_from, least(v.valid_to, h.paint_from) AS valid_to, v.delivery_id, v.row_no
      FROM star.{target} AS v JOIN concerned AS h USING ({key})
     WHERE v.valid_from < h.paint_from
    UNION ALL
    SELECT v.{key}, {attributes_v}, greatest(v.valid_from, h.paint_to), v.valid_to, v.delivery_id, v.row_no
      FROM star.{target} AS v JOIN concerned AS h USING ({key})
     WHERE v.valid_to > h.paint_to
    UNION ALL
    SELECT h.{key}, {attributes_h}, h.paint_from, h.paint_to, :delivery_id, h.row_no
      FROM concerned AS h
     WHERE NOT h.is_gone
),
joined AS (
    SELECT *,
           count(*) FILTER (WHERE starts) OVER (PARTITION BY {key} ORDER BY valid_from) AS island
      FROM (SELECT *,
                   lag(valid_to) OVER w IS DISTINCT FROM valid_from
                   OR lag(ROW({attributes})::text) OVER w IS DISTINCT FROM ROW({attributes})::text AS starts
              FROM pieces WINDOW w AS (PARTITION BY {key} ORDER BY valid_from)) AS marked
)
SELECT DISTINCT ON ({key}, island)
       {key}, {attributes}, valid_from,
       max(valid_to) OVER (PARTITION BY {key}, island) AS valid_to, delivery_id, row_no
  FROM joined
 ORDER BY {key}, island, valid_from;
