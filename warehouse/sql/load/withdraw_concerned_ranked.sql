-- The rows of a fact without claims about which a withdrawal may decide: those that the delivery told, took back or
-- could not be read of, and those whose rank it had raised by repeating them.
CREATE TEMP TABLE withdrawn_rows ON COMMIT DROP AS
SELECT {key} FROM star.{target} WHERE delivery_id = :delivery_id
 UNION
SELECT {key} FROM {claimed} WHERE delivery_id = :delivery_id
 UNION
SELECT {key_c}
  FROM {in_force} AS c
 WHERE c.confirmed_as IN (SELECT unnest(keys) FROM ledger.confirmed WHERE delivery_id = :delivery_id);
ANALYZE withdrawn_rows;
