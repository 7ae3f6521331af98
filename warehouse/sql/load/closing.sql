-- Of the things that a snapshot speaks of, how many it ends, town by town. Of {area}, {from_c}, {to_c} and so on those
-- that the target does not have are the snapshot's: what
-- holds always, and is nowhere.
WITH snapshot AS (
    SELECT coalesce(max(holds_from), '-infinity') AS day, CAST('-infinity' AS date) AS always, CAST('infinity' AS date) AS never,
           CAST(NULL AS int) AS nowhere
      FROM ledger.scope WHERE delivery_id = :delivery_id AND target = :target)
SELECT coalesce(p.town_name, '不分镇街') AS town, count(*) FILTER (WHERE is_closed) AS closed, count(*) AS things
  FROM (SELECT {area} AS area_key, false AS is_closed FROM star.{target} AS c CROSS JOIN snapshot AS s
         WHERE {from_c} <= s.day AND s.day < {to_c} AND c.delivery_id IN (SELECT delivery_id FROM ledger.delivery WHERE feed = :feed)
         UNION ALL
        SELECT {area} AS area_key, true FROM history.{target} AS c CROSS JOIN snapshot AS s
         WHERE c.known_to = :seq AND {from_c} <= s.day AND s.day < {to_c}
           AND NOT EXISTS (SELECT FROM star.{target} AS n WHERE ({key_n}) = ({key_c}) AND {from_n} <= s.day AND s.day < {to_n})) AS thing
  LEFT JOIN label.place_now AS p USING (area_key)
 GROUP BY 1
HAVING count(*) FILTER (WHERE is_closed) >= :least AND count(*) FILTER (WHERE is_closed) >= :share * count(*)
 ORDER BY 2 DESC, 1;
