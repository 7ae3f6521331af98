-- The codes and names of this delivery and of those accepted before it: place 0 is its own, 1 the last before it.
-- :delivery_id, :feed, :mode, :until (last day of its period), :days (length of its period), :most
WITH before AS (
    SELECT d.delivery_id, row_number() OVER (ORDER BY d.period_end DESC, d.delivery_id DESC) AS place
      FROM ledger.delivery AS d
     WHERE d.feed = :feed AND d.mode = :mode AND d.state = 'loaded' AND d.delivery_id <> :delivery_id
       AND d.period_end < CAST(:until AS date)
       AND d.period_end - d.period_start BETWEEN :days / 2 AND :days * 2
     ORDER BY place LIMIT :most)
SELECT 0 AS place, v.field, v.value, v.rows FROM ledger.value_count AS v WHERE v.delivery_id = :delivery_id
 UNION ALL
SELECT b.place, v.field, v.value, v.rows FROM before AS b JOIN ledger.value_count AS v USING (delivery_id)
 ORDER BY place, field, value;
