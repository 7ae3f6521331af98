-- What each name means: the thing to which the newest register that gives the name gives it, if that is one thing.
-- An id that comes as a row of its own means itself, and so does a name that only withdrawn deliveries gave.
CREATE TEMP TABLE meant ON COMMIT DROP AS
WITH told AS (
    SELECT a.alias, CASE WHEN d.state <> 'withdrawn' THEN a.thing_id END AS thing_id,
           rank() OVER (PARTITION BY a.alias ORDER BY d.state = 'withdrawn', ledger.rank_of(true, '-infinity', false, d) DESC) AS age
      FROM ledger.alias AS a JOIN ledger.delivery AS d USING (delivery_id)
     WHERE a.registry = :registry),
described AS (
    SELECT DISTINCT id FROM {described} AS x)
SELECT alias, coalesce(array_agg(DISTINCT thing_id) FILTER (WHERE thing_id IS NOT NULL), '{{}}') AS things, bool_or(x.id IS NOT NULL) AS is_own,
       CASE WHEN bool_or(x.id IS NOT NULL) OR count(DISTINCT thing_id) > 1 THEN NULL ELSE min(thing_id) END AS thing_id
  FROM told LEFT JOIN described AS x ON x.id = told.alias
 WHERE age = 1
 GROUP BY alias;
