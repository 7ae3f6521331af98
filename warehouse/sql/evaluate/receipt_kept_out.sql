-- The rows of some deliveries that were in quarantine at a commit: where they stand, why, and whether anything of them can be read.
SELECT o.delivery_id, o.row_no, d.feed, concat_ws('/', d.file_name, d.member) AS file, g.sheet,
       o.row_no + coalesce(g.row_offset, 0) AS row, q.reasons,
       EXISTS (SELECT FROM ledger.doubtful AS n WHERE n.delivery_id = o.delivery_id AND n.row_no = o.row_no) AS is_read
  FROM ledger.open_entry AS o
  JOIN ledger.quarantine AS q ON q.delivery_id = o.delivery_id AND q.row_no = o.row_no
  JOIN ledger.delivery AS d ON d.delivery_id = o.delivery_id
  LEFT JOIN LATERAL (
        SELECT x.sheet, x.row_offset
          FROM ledger.segment AS x
         WHERE x.delivery_id = o.delivery_id AND x.first_row_no <= o.row_no
         ORDER BY x.first_row_no DESC LIMIT 1) AS g ON true
 WHERE o.delivery_id = ANY (CAST(:deliveries AS bigint[]))
   AND o.known_from <= :known_at AND :known_at < o.known_to
 ORDER BY o.delivery_id, o.row_no
