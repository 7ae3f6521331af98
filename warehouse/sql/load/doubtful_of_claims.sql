-- Entries that were believed until names turned out to mean one thing: as they were read then.
INSERT INTO ledger.doubtful (delivery_id, row_no, unread)
SELECT DISTINCT q.delivery_id, q.row_no, CAST('{{}}' AS text[])
  FROM ledger.quarantine AS q
  JOIN ledger.claim AS l ON l.delivery_id = q.delivery_id AND l.row_no = q.row_no AND l.kind = 'unreadable' AND l.sent IS NOT NULL
 WHERE NOT EXISTS (SELECT FROM ledger.doubtful AS n WHERE n.delivery_id = q.delivery_id AND n.row_no = q.row_no);
