-- The deliveries that may have told of the same rows: the history has a row of theirs, or a part of what they told
-- left no row, since it was outranked or said before.
SELECT d.delivery_id
  FROM ledger.delivery AS d
 WHERE d.feed = :feed AND d.state = 'loaded' AND d.mode <> 'retraction'
   AND NOT EXISTS (SELECT FROM claim.{target} AS t WHERE t.delivery_id = d.delivery_id)
   AND (d.superseded > 0
        OR EXISTS (SELECT FROM ledger.confirmed AS f WHERE f.delivery_id = d.delivery_id)
        OR EXISTS (SELECT FROM ledger.claim AS l WHERE l.delivery_id = d.delivery_id AND l.kind = 'row')
        OR EXISTS (SELECT FROM history.{target} AS h JOIN withdrawn_rows AS k ON ({key_h}) = ({key_k}) WHERE h.delivery_id = d.delivery_id))
 ORDER BY d.delivery_id;
