-- The orders in the star under the names of the extract, so that they compare with a flat table.
-- {text}: the delivery's restricted text table
SELECT f.order_id, f.case_id, f.handling_role, f.order_type, f.urgency, f.livelihood,
       f.opened_at, f.dispatched_at, f.signed_at, f.deadline_at, f.closed_at, f.called_back_at,
       f.is_valid_callback, f.is_contacted, f.resolution, f.satisfaction,
       f.return_count, f.extension_days, f.is_excluded, f.exclusion_reason, f.source_at AS updated_at,
       h.channel_name AS channel, c.category_1, c.category_2, c.category_3, u.unit_name AS unit,
       a.area_id AS area, t.*
  FROM star.fact_work_order AS f
  LEFT JOIN star.dim_channel AS h ON h.channel_key = f.channel_key
  LEFT JOIN star.dim_category AS c ON c.category_key = f.category_key
  LEFT JOIN star.dim_unit AS u ON u.unit_key = f.unit_key
  LEFT JOIN registry.area AS a ON a.area_key = f.area_key
  LEFT JOIN {text} AS t ON t.row_no = f.row_no
