-- Which row of a repair answers which entry; :n is null where the row is withdrawn.
INSERT INTO ledger.repair (delivery_id, row_no, of_delivery, of_row, action, accepted_rules, said_by, said_why)
VALUES (:d, :n, :o, :r, :a, CAST(:rules AS text[]), :by, :why);
