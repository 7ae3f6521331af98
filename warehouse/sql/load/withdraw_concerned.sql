-- The rows or things of the star about which the withdrawal of a delivery may decide: what it told of, what else was
-- told under the same keys, and all that its snapshot spoke of (it may have called it absent, or made others seem thin).
CREATE TEMP TABLE concerned ON COMMIT DROP AS
SELECT {key}, CAST(NULL AS int) AS row_no FROM star.{target} WHERE delivery_id = :delivery_id
 UNION
SELECT {key}, NULL FROM claim.{target} WHERE delivery_id = :delivery_id
 UNION
SELECT {key_t}, NULL
  FROM ledger.claim AS own
  JOIN ledger.claim AS other ON other.feed = own.feed AND other.key = own.key
  JOIN claim.{target} AS t ON t.delivery_id = other.delivery_id AND t.row_no = other.row_no
 WHERE own.delivery_id = :delivery_id
 UNION
SELECT {key_t}, NULL
  FROM ledger.scope AS s
  JOIN ledger.delivery AS d ON d.feed = :feed
  JOIN claim.{target} AS t ON t.delivery_id = d.delivery_id AND t.scope = s.scope
 WHERE s.delivery_id = :delivery_id AND s.target = :target;
ANALYZE concerned;
