-- Quarantined rows with their place in the file that was sent, and what became of them. Which rows are chosen is decided
-- without their reasons, which are wide.
-- :feed, :department, :delivery_id, :row: NULL for all; :everything: also those that were answered; :most: NULL for all,
-- after :skip others; :by_thing: rows about one thing side by side, not in the file's order
WITH chosen AS MATERIALIZED (
    SELECT v.delivery_id, v.feed, v.department, v.period_start, v.period_end, v.file_name, v.sheet, v.row_no, v.file_row,
           v.entry_state, v.resolved_by, v.received_at, v.age_days, v.owner, v.due_on,
           CASE WHEN :by_thing THEN coalesce(q.business_key, '') END COLLATE "C" AS thing
      FROM bi.quarantine AS v
      JOIN ledger.quarantine AS q USING (delivery_id, row_no)
     WHERE (CAST(:feed AS text) IS NULL OR v.feed = :feed)
       AND (CAST(:department AS text) IS NULL OR v.department = :department)
       AND (CAST(:delivery_id AS bigint) IS NULL OR v.delivery_id = :delivery_id)
       AND (CAST(:row AS bigint) IS NULL OR v.file_row = :row)
       AND (:everything OR v.entry_state = 'open')
     ORDER BY v.delivery_id, thing, v.row_no
     LIMIT :most OFFSET :skip
)
SELECT v.delivery_id AS delivery, v.feed, v.department, v.period_start, v.period_end, v.file_name AS file, v.sheet,
       v.row_no, v.file_row AS row, q.business_key, q.reasons, v.entry_state AS state, v.resolved_by,
       r.said_by, r.said_why, v.received_at, v.age_days, v.owner, v.due_on, d.synthetic
  FROM chosen AS v
  JOIN ledger.quarantine AS q USING (delivery_id, row_no)
  JOIN ledger.delivery AS d USING (delivery_id)
  LEFT JOIN ledger.repair AS r ON r.delivery_id = v.resolved_by AND r.of_delivery = v.delivery_id AND r.of_row = v.row_no
 ORDER BY v.delivery_id, v.thing, v.row_no;
