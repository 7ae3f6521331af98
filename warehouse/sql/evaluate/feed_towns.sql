-- The towns that each feed has told of, and whether it tells of them on a day, as known at a commit.
-- One row per feed and town of the register: `things` on the day, `ever` in any version before, believed or not.
WITH area AS (
    SELECT DISTINCT ON (a.area_key) a.area_key, a.area_name, a.area_level, a.parent_area_key
      FROM known.dim_area AS a
     WHERE a.known_from <= :known_at AND :known_at < a.known_to
     ORDER BY a.area_key, a.valid_from > :as_of, abs(a.valid_from - :as_of)
), town AS (
    SELECT a.area_key, a.area_name
      FROM known.dim_area AS a
     WHERE a.known_from <= :known_at AND :known_at < a.known_to
       AND a.valid_from <= :as_of AND :as_of < a.valid_to AND a.area_level = 'town'
), thing (delivery_id, area_key, known_from, known_to, valid_from, valid_to) AS (
    -- A fact of a full snapshot leaves the star when a snapshot no longer has it.
    {placed}
), counted AS (
    SELECT d.feed, CASE WHEN a.area_level IN ('community', 'village') THEN a.parent_area_key ELSE a.area_key END AS area_key,
           count(*) FILTER (WHERE :known_at < t.known_to AND t.valid_from <= :as_of AND :as_of < t.valid_to) AS things,
           count(*) AS ever
      FROM thing AS t
      JOIN ledger.delivery AS d ON d.delivery_id = t.delivery_id AND d.feed = ANY (:feeds) AND ledger.is_loaded(d, :known_at)
      JOIN area AS a ON a.area_key = t.area_key
     WHERE t.known_from <= :known_at AND t.valid_from <= :as_of
     GROUP BY 1, 2
)
SELECT c.feed, c.area_key, w.area_name, c.things, c.ever
  FROM counted AS c
  JOIN town AS w ON w.area_key = c.area_key
 ORDER BY c.feed, w.area_name
