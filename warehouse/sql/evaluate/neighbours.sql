-- Things that share a source with what doubtful rows would contribute to, or are called like it: in one world or the other.
SELECT t.area_key, t.entity, t.numerator, t.denominator, t.delivery_ids, t.row_nos
  FROM thing AS t
 WHERE NOT EXISTS (SELECT FROM unnest(t.row_nos) AS r (row_no) WHERE r.row_no < 0)
   AND ((t.area_key, t.entity) IN (SELECT * FROM unnest(CAST(:areas AS bigint[]), CAST(:entities AS text[]))) -- noqa: PRS
        OR EXISTS (SELECT FROM unnest(t.delivery_ids, t.row_nos) AS s (delivery_id, row_no)
                     JOIN unnest(CAST(:delivery_ids AS bigint[]), CAST(:row_nos AS bigint[])) AS w (delivery_id, row_no) USING (delivery_id, row_no)))
