-- The rows of a fact without claims about which a withdrawal may decide: those that the delivery told, took back or
-- could not be read of, and those whose rank it had raised by repeating them.
CREATE TEMP TABLE withdrawn_rows ON COMMIT DROP AS
SELECT {key} FROM star.{target} WHERE delivery_id = :delivery_id
 UNION
SELECT {key_of_claim} FROM ledger.claim AS l WHERE l.delivery_id = :delivery_id
 UNION
SELECT {key_c}
  FROM star.{target} AS c
 WHERE hashtextextended({key_text_c} || '@' || coalesce(c.source_at, '-infinity')::text, 0)
       IN (SELECT unnest(keys) FROM ledger.confirmed WHERE delivery_id = :delivery_id);
ANALYZE withdrawn_rows;
