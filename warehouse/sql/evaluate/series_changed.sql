-- The newest commit of each feed; one that no delivery made (a withdrawal) is that of the delivery taken back.
SELECT d.feed, greatest(max(c.seq), max(d.withdrawn_seq)) AS seq
  FROM ledger.delivery AS d
  LEFT JOIN ledger.commit AS c USING (delivery_id)
 GROUP BY d.feed
