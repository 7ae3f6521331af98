-- The rows of the star about which this delivery may decide, each with the delivery's row if one is about it:
-- what it tells in other words or for the first time, and what was told of the same things before.
CREATE TEMP TABLE concerned ON COMMIT DROP AS
WITH differing AS (
    SELECT {key_t}, t.row_no
      FROM claim.{target} AS t LEFT JOIN star.{target} AS c ON ({key_c}) = ({key_t})
     WHERE t.delivery_id = :delivery_id AND ({columns_c}) IS DISTINCT FROM ({columns_t})
       -- What another thing leads to is not what a retraction takes back.
       AND NOT (:retracts AND EXISTS (SELECT FROM ledger.claim AS own JOIN ledger.claim AS other ON (other.feed, other.key) <> (own.feed, own.key)
                                       WHERE own.delivery_id = t.delivery_id AND own.row_no = t.row_no
                                         AND other.delivery_id = c.delivery_id AND other.row_no = c.row_no))
)
SELECT * FROM differing
 UNION
SELECT {key_t}, own_claim.row_no
  FROM ledger.claim AS own_claim
  JOIN ledger.claim AS earlier ON earlier.feed = own_claim.feed AND earlier.key = own_claim.key AND earlier.delivery_id <> own_claim.delivery_id
  JOIN claim.{target} AS t ON t.delivery_id = earlier.delivery_id AND t.row_no = earlier.row_no
  LEFT JOIN claim.{target} AS o ON :is_periodic AND o.delivery_id = own_claim.delivery_id AND o.row_no = own_claim.row_no
 WHERE :told_before AND (NOT :is_periodic OR jsonb_build_array({own_o}) = jsonb_build_array({own_t})) AND own_claim.delivery_id = :delivery_id AND own_claim.kind <> 'unreadable'
   AND NOT EXISTS (SELECT FROM claim.{target} AS n WHERE n.delivery_id = :delivery_id AND own_claim.kind = 'row' AND ({key_n}) = ({key_t}))
 UNION
SELECT {key_c}, CAST(NULL AS int)
  FROM star.{target} AS c JOIN ledger.delivery AS d USING (delivery_id)
 WHERE :closes AND d.feed = :feed
   AND NOT EXISTS (SELECT FROM claim.{target} AS t WHERE t.delivery_id = :delivery_id AND ({key_c}) = ({key_t}))
 UNION
SELECT {key_t}, CAST(NULL AS int)
  FROM claim.{target} AS t JOIN ledger.delivery AS d USING (delivery_id)
 WHERE :fullness_may_change AND d.feed = :feed AND t.delivery_id <> :delivery_id
   AND t.scope IN (SELECT scope FROM ledger.scope WHERE delivery_id = :delivery_id AND target = :target);
ANALYZE concerned;
