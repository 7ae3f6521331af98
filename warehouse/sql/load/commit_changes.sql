-- What a commit changed in a table of the star: rows that came, rows that went, things that did both.
SELECT count(*) FILTER (WHERE comes AND NOT goes) AS new,
       count(*) FILTER (WHERE comes AND goes) AS changed,
       count(*) FILTER (WHERE goes AND NOT comes) AS closed
  FROM (SELECT {key}, bool_or(comes) AS comes, bool_or(NOT comes) AS goes
          FROM (SELECT {key}, true AS comes FROM star.{target} WHERE known_from = :seq
                 UNION ALL
                SELECT {key}, false FROM history.{target} WHERE known_to = :seq) AS moved
         GROUP BY {key}) AS things;
