-- What the delivery says of each thing: from which day, and until which day it may speak.
-- A snapshot speaks until the next accepted snapshot in which the thing was readable.
CREATE TEMP TABLE heard ON COMMIT DROP AS
SELECT DISTINCT ON ({key}) {columns}, row_no, valid_from AS paint_from,
       coalesce((SELECT min(later.period_end)
                   FROM unnest(CAST(:later_ids AS bigint[]), CAST(:later_ends AS date[])) AS later (delivery_id, period_end)
                  WHERE later.period_end > i.valid_from
                    AND NOT EXISTS (SELECT FROM ledger.quarantine AS q
                                     WHERE q.delivery_id = later.delivery_id AND q.business_key = i.business_key AND q.resolved_by IS NULL)),
                {open_end}) AS paint_to,
       false AS is_gone
  FROM ({incoming}) AS i
 ORDER BY {key}, row_no DESC NULLS LAST;
