-- Ids of this delivery that no row of another feed has told of.
-- A feed whose orders carry their own rank keeps no claims, and is not asked.
-- {table}: staging table; {column}: the field; :feed: the other feed
SELECT count(*) AS rows, count(DISTINCT s.{column}) AS things,
       (array_agg(DISTINCT s.{column}::text ORDER BY s.{column}::text))[1:10] AS shown
  FROM {table} AS s
 WHERE s.{column} IS NOT NULL
   AND (EXISTS (SELECT FROM ledger.claim AS l WHERE l.feed = :feed AND l.kind = 'row')
        OR NOT EXISTS (SELECT FROM ledger.delivery AS d WHERE d.feed = :feed AND d.state = 'loaded'))
   AND NOT EXISTS (SELECT FROM ledger.claim AS l
                    WHERE l.feed = :feed AND l.kind = 'row' AND l.key = jsonb_build_array(to_jsonb(s.{column})))
