-- A figure by file and sheet: how many rows it hangs on, which, and what they add. Each thing's amount is told of by the
-- last row of the indicator's own feed (in the order of feeds), so that the amounts of all files sum to the figure.
SELECT n.delivery_id, d.feed, concat_ws('/', d.file_name, d.member) AS file, d.sha256, d.mode, g.sheet,
       count(*) AS rows, array_agg(n.row_no + coalesce(g.row_offset, 0) ORDER BY n.row_no) AS lines,
       coalesce(sum(n.numerator), 0) AS numerator, sum(n.denominator) AS denominator
  FROM (SELECT t.delivery_id, t.row_no,
               sum(t.numerator) FILTER (WHERE t.place = 1) AS numerator,
               sum(t.denominator) FILTER (WHERE t.place = 1) AS denominator
          FROM (SELECT c.numerator, c.denominator, u.delivery_id, u.row_no,
                       row_number() OVER (PARTITION BY c.n
                                          ORDER BY array_position(CAST(:feeds AS text[]), f.feed) NULLS LAST,
                                                   u.delivery_id DESC NULLS LAST, u.row_no DESC) AS place
                  FROM (SELECT row_number() OVER () AS n, * FROM thing) AS c
                  LEFT JOIN LATERAL unnest(c.delivery_ids, c.row_nos) AS u (delivery_id, row_no) ON true
                  LEFT JOIN ledger.delivery AS f ON f.delivery_id = u.delivery_id) AS t
         GROUP BY t.delivery_id, t.row_no) AS n
  LEFT JOIN ledger.delivery AS d ON d.delivery_id = n.delivery_id
  LEFT JOIN LATERAL (
        SELECT x.sheet, x.row_offset
          FROM ledger.segment AS x
         WHERE x.delivery_id = n.delivery_id AND x.first_row_no <= n.row_no
         ORDER BY x.first_row_no DESC LIMIT 1) AS g ON true
 GROUP BY n.delivery_id, d.feed, d.file_name, d.member, d.sha256, d.mode, g.sheet
 ORDER BY abs(coalesce(sum(n.numerator), 0)) DESC, count(*) DESC, n.delivery_id, g.sheet
