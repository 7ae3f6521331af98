-- Each contributing thing with the rows it comes from: delivery, file, sheet and row in the sheet, what of its amounts each
-- row tells, and what was corrected in them. A thing's numerator is told by the first row of the feed that comes first in
-- :feeds, its denominator by the first row of the one that comes last: of a coverage what covers, and the register.
SELECT t.area_key, coalesce(a.area_name, label.unknown(t.area_key)) AS area_name,
       t.entity, t.numerator, t.denominator, coalesce(s.sources, CAST('[]' AS jsonb)) AS sources
  FROM thing AS t
  LEFT JOIN label.place_now AS a ON a.area_key = t.area_key
  LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object(
                   'delivery', u.delivery_id, 'feed', d.feed, 'file', concat_ws('/', d.file_name, d.member),
                   'sheet', g.sheet, 'row', u.row_no + g.row_offset, 'row_no', u.row_no,
                   'contract', d.contract_hash,
                   'numerator', CASE WHEN u.n = w.above[1] THEN t.numerator END,
                   'denominator', CASE WHEN u.n = w.below[1] THEN t.denominator END)
                   || CASE WHEN k.corrections IS NULL THEN '{}' ELSE jsonb_build_object('corrections', k.corrections) END
                   ORDER BY u.n) AS sources
          FROM unnest(t.delivery_ids, t.row_nos) WITH ORDINALITY AS u (delivery_id, row_no, n)
          LEFT JOIN ledger.delivery AS d ON d.delivery_id = u.delivery_id
         CROSS JOIN (
                SELECT array_agg(r.n ORDER BY f.place ASC NULLS LAST, r.n) AS above,
                       array_agg(r.n ORDER BY f.place DESC NULLS LAST, r.n) AS below
                  FROM unnest(t.delivery_ids) WITH ORDINALITY AS r (delivery_id, n)
                  LEFT JOIN ledger.delivery AS e ON e.delivery_id = r.delivery_id
                 CROSS JOIN LATERAL (SELECT array_position(CAST(:feeds AS text[]), e.feed) AS place) AS f) AS w
          LEFT JOIN LATERAL (
                SELECT x.sheet, x.row_offset
                  FROM ledger.segment AS x
                 WHERE x.delivery_id = u.delivery_id AND x.first_row_no <= u.row_no
                 ORDER BY x.first_row_no DESC LIMIT 1) AS g ON true
          LEFT JOIN LATERAL (
                SELECT jsonb_agg(jsonb_build_object('id', c.correction_id, 'field', c.field, 'found', c.found, 'value', c.value,
                                                    'by', c.said_by, 'reason', c.reason) ORDER BY c.correction_id, c.field) AS corrections
                  FROM ledger.correction AS c
                 WHERE c.delivery_id = u.delivery_id AND c.row_no = u.row_no AND c.action = 'set') AS k ON true) AS s ON true
 ORDER BY t.area_key, t.entity
