-- Whether the contributing things are still the same: how many, their sums, and a sum of hashes of place, name, amounts and sources.
SELECT count(*) AS things, sum(t.numerator) AS numerator, sum(t.denominator) AS denominator,
       sum(hashtextextended(concat_ws('|', t.area_key, t.entity, coalesce(CAST(t.numerator AS text), '-'), coalesce(CAST(t.denominator AS text), '-'),
                                      t.delivery_ids, t.row_nos), 0)) AS digest
  FROM thing AS t
