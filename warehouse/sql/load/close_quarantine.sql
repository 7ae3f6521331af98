-- A row that now loads, or is quarantined again, closes the older entry of the same thing:
-- for snapshots only of the same period, since another period's row says nothing about this one.
UPDATE ledger.quarantine AS q
   SET resolved_by = :delivery_id
  FROM {table} AS staged, ledger.delivery AS d
 WHERE q.feed = :feed AND q.business_key = {business_key}
   AND q.resolved_by IS NULL AND q.delivery_id <> :delivery_id
   AND d.delivery_id = q.delivery_id
   AND (NOT :is_snapshot OR d.period_end = :period_end);
