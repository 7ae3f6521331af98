-- Rows of one delivery that have turned out to be one thing: nobody can say which is right.
WITH repeated AS (
    SELECT feed, key, delivery_id FROM ledger.claim
     WHERE kind = 'row' AND sent IS NOT NULL
     GROUP BY feed, key, delivery_id HAVING count(*) > 1),
unreadable AS (
    UPDATE ledger.claim AS l SET kind = 'unreadable'
      FROM repeated AS r WHERE l.feed = r.feed AND l.key = r.key AND l.delivery_id = r.delivery_id AND l.kind = 'row'
    RETURNING l.*),
entered AS (
    INSERT INTO ledger.quarantine (delivery_id, row_no, feed, business_key, reasons, key)
    SELECT delivery_id, row_no, feed,
           (SELECT string_agg(coalesce(part ->> (SELECT min(k) FROM jsonb_object_keys(CASE jsonb_typeof(part) WHEN 'object' THEN part ELSE '{{}}' END) AS k),
                                       part #>> '{{}}'), '|' ORDER BY n)
              FROM jsonb_array_elements(sent) WITH ORDINALITY AS p (part, n)),
           CAST(:reasons AS jsonb), key
      FROM unreadable)
UPDATE ledger.delivery AS d
   SET loaded = d.loaded - least(d.loaded, n.rows),
       unchanged = d.unchanged - least(d.unchanged, n.rows - least(d.loaded, n.rows)),
       superseded = d.superseded - (n.rows - least(d.loaded, n.rows) - least(d.unchanged, n.rows - least(d.loaded, n.rows))),
       quarantined = d.quarantined + n.rows
  FROM (SELECT delivery_id, count(*) AS rows FROM unreadable GROUP BY delivery_id) AS n
 WHERE d.delivery_id = n.delivery_id AND d.state = 'loaded';
