-- The things about which this delivery may decide, each with the delivery's row if one is about it: what it
-- tells in other words than the timeline has on that day, what was told under the same keys before, and
-- what a snapshot misses.
CREATE TEMP TABLE concerned ON COMMIT DROP AS
SELECT t.{key}, t.row_no
  FROM claim.{target} AS t
 WHERE t.delivery_id = :delivery_id
   AND (:is_retraction OR NOT EXISTS (
       SELECT FROM star.{target} AS v
        WHERE v.{key} = t.{key} AND v.valid_from <= t.valid_from AND t.valid_from < v.valid_to
          AND ({attributes_v}) IS NOT DISTINCT FROM ({attributes_t})))
 UNION
SELECT t.{key}, own_claim.row_no
  FROM ledger.claim AS own_claim
  JOIN ledger.claim AS earlier ON earlier.feed = own_claim.feed AND earlier.key = own_claim.key AND earlier.delivery_id <> own_claim.delivery_id
  JOIN claim.{target} AS t ON t.delivery_id = earlier.delivery_id AND t.row_no = earlier.row_no
 WHERE :told_before AND own_claim.delivery_id = :delivery_id AND own_claim.kind <> 'unreadable'
   AND NOT EXISTS (SELECT FROM claim.{target} AS n WHERE n.delivery_id = :delivery_id AND n.{key} = t.{key})
 UNION
SELECT v.{key}, CAST(NULL AS int)
  FROM star.{target} AS v
  JOIN ledger.scope AS s ON s.delivery_id = :delivery_id AND s.target = :target
 WHERE :closes AND v.valid_from <= s.holds_from AND s.holds_from < v.valid_to
   AND (EXISTS (SELECT FROM claim.{target} AS t JOIN ledger.delivery AS d USING (delivery_id)
                 WHERE t.{key} = v.{key} AND t.row_no IS NOT NULL AND d.feed = :feed)
        OR v.delivery_id IN (SELECT delivery_id FROM ledger.delivery WHERE feed = :feed))
   AND NOT EXISTS (SELECT FROM claim.{target} AS t WHERE t.delivery_id = :delivery_id AND t.{key} = v.{key});
ANALYZE concerned;
