-- Rows that somebody accepted as they are break no longer the rules that were named.
-- {bad}: bad rows of the staging table
DELETE FROM {bad} AS b USING ledger.repair AS r
 WHERE r.delivery_id = :delivery_id AND b.row_no = r.row_no AND b.rule = ANY (r.accepted_rules)
   -- What cannot be read, what tells things apart, and names that no register knows: nobody can waive these.
   AND b.rule NOT IN ('fault', 'key', '#duplicate') AND b.rule NOT LIKE 'register.%';
