-- Of the rows that share a business key and break no rule of their own, those equal to another in every column but the
-- source's time are duplicates: harmless, dropped, counted; the one with the latest time stays. A clean row is
-- never dropped for a faulty twin.
-- {table}: staging table; {bad}: its table of bad rows; {columns}: all typed columns; {source_time}: SQL of the time
INSERT INTO {bad} (row_no, rule)
SELECT row_no, '#duplicate'
  FROM (SELECT s.row_no,
               row_number() OVER (PARTITION BY {columns} ORDER BY {source_time} DESC, s.row_no) AS occurrence
          FROM {table} AS s JOIN ledger.delivery AS d ON d.delivery_id = :delivery_id
         WHERE s.row_no IN ({unexpected}) AND s.row_no NOT IN (SELECT row_no FROM {bad})) AS repeated
 WHERE occurrence > 1;
