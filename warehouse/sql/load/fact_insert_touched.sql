-- As fact_insert.sql, for a feed with several targets: remembers which rows changed anything.
WITH added AS (
    INSERT INTO star.{target} ({columns}, known_from, delivery_id, row_no)
    SELECT {columns}, :seq, :delivery_id, row_no
      FROM ({incoming}) AS i
     WHERE {wanted}
    RETURNING row_no)
INSERT INTO pg_temp.touched SELECT row_no FROM added;
