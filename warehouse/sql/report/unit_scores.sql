-- The assessment month that ended last, by handling unit, without and with excluded orders.
SELECT h.unit_kind, h.unit_name, h.first_on, h.after_on, h.orders, h.valid, h.response_rate, h.response_low, h.response_high,
       h.resolution_rate, h.resolution_low, h.resolution_high, h.satisfaction_rate, h.satisfaction_low, h.satisfaction_high,
       h.score, h.rank, h.grade, h.overdue_rate, h.return_rate, h.extension_rate, x.score AS score_with_excluded
  FROM bi.hotline_month(:month, :policy, false) AS h
  JOIN bi.hotline_month(:month, :policy, true) AS x
    ON x.unit_name = h.unit_name AND x.unit_kind IS NOT DISTINCT FROM h.unit_kind
 ORDER BY h.unit_kind NULLS LAST, h.rank NULLS LAST, h.unit_name
