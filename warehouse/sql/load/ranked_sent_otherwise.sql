-- Rows that say the same under other names: who outranks the current row has named it last.
WITH same AS (
    DELETE FROM differing WHERE is_same RETURNING row_no),
named AS (
    UPDATE star.{target} AS c SET ({sent}) = (SELECT {sent_i})
      FROM {weighed} AS i
     WHERE i.is_same AND i.wins AND ({key_c}) = ({key_i}))
SELECT count(*) FROM same;
