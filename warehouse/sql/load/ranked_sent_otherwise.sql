-- Rows that say the same under other names: who outranks the current row has named it last.
WITH same AS (
    DELETE FROM differing WHERE is_same RETURNING *),
named AS (
    UPDATE star.{target} AS c SET {sent}
      FROM same AS i, ledger.delivery AS d, ledger.delivery AS own
     WHERE ({key_c}) = ({key_i}) AND d.delivery_id = c.delivery_id AND own.delivery_id = :delivery_id
       AND ({outranks}))
SELECT count(*) FROM same;
