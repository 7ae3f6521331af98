-- The ids of this delivery that another feed has used for a thing of its own.
CREATE TEMP TABLE {name} ON COMMIT DROP AS
SELECT DISTINCT i.{id}::text AS id
  FROM {rows} AS i
 WHERE EXISTS (SELECT FROM {told_of} AS c JOIN ledger.delivery AS d ON d.delivery_id = c.delivery_id
                WHERE c.id = i.{id}::text AND c.row_no IS NOT NULL AND d.feed = ANY (:others) AND d.state <> 'withdrawn');
