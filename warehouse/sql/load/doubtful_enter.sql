-- Which quarantined row each doubtful row is a way to read.
INSERT INTO ledger.doubtful (doubtful_id, delivery_id, row_no, unread) OVERRIDING SYSTEM VALUE
SELECT -w.row_no, :delivery_id, w.of_row, w.unread
  FROM pg_temp.doubtful_ways AS w JOIN ledger.quarantine AS q ON q.delivery_id = :delivery_id AND q.row_no = w.of_row;
