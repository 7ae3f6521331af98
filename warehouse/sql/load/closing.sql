-- Of the things that a snapshot speaks of, how many it ends, town by town.
SELECT coalesce(p.town_name, '不分镇街') AS town, count(*) FILTER (WHERE is_closed) AS closed, count(*) AS things
  FROM (SELECT {area} AS area_key, false AS is_closed FROM star.{target} AS c
         WHERE {now} AND c.delivery_id IN (SELECT delivery_id FROM ledger.delivery WHERE feed = :feed)
         UNION ALL
        SELECT {area} AS area_key, true FROM history.{target} AS c
         WHERE c.known_to = :seq AND {now}
           AND NOT EXISTS (SELECT FROM star.{target} AS n WHERE ({key_n}) = ({key_c}) AND {still})) AS thing
  LEFT JOIN label.place_now AS p USING (area_key)
 GROUP BY 1
HAVING count(*) FILTER (WHERE is_closed) >= :least AND count(*) FILTER (WHERE is_closed) >= :share * count(*)
 ORDER BY 2 DESC, 1;
