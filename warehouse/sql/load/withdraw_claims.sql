-- The values that a delivery told count no more. A member that it derived and nobody else has told of stays: others
-- may have repeated it, which leaves no claim.
DELETE FROM claim.{target} AS t
 WHERE t.delivery_id = :delivery_id
   AND (t.row_no IS NOT NULL
        OR EXISTS (SELECT FROM claim.{target} AS o WHERE ({key_o}) = ({key_t}) AND o.delivery_id <> t.delivery_id));
