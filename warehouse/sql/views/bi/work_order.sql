CREATE OR REPLACE VIEW bi.work_order AS
SELECT w.order_id, w.case_id,
       coalesce(h.channel_name, label.unknown(w.channel_key)) AS channel_name,
       w.category_key,
       CASE WHEN c.category_key IS NULL THEN label.unknown(w.category_key) ELSE c.category_1 END AS category_1,
       c.category_2, c.category_3,
       w.area_key,
       p.area_code[width_bucket(label.beijing(w.opened_at)::date, p.from_on)] AS area_code,
       coalesce(p.area_name[width_bucket(label.beijing(w.opened_at)::date, p.from_on)], label.unknown(w.area_key)) AS area_name,
       p.area_level[width_bucket(label.beijing(w.opened_at)::date, p.from_on)] AS area_level,
       p.town_code[width_bucket(label.beijing(w.opened_at)::date, p.from_on)] AS town_code,
       coalesce(p.town_name[width_bucket(label.beijing(w.opened_at)::date, p.from_on)], label.unknown(w.area_key)) AS town_name,
       coalesce(n.town_name, label.unknown(w.area_key)) AS town_name_now,
       w.unit_key,
       coalesce(u.unit_name, label.unknown(w.unit_key)) AS unit_name,
       u.unit_kind,
       w.handling_role, w.order_type, w.urgency, w.livelihood,
       w.opened_at,
       label.beijing(w.opened_at)::date AS opened_on,
       date_trunc('month', label.beijing(w.opened_at))::date AS opened_month,
       w.dispatched_at, w.signed_at, w.deadline_at, w.closed_at, w.called_back_at,
       coalesce(w.closed_at, now()) > w.deadline_at AS is_overdue,
       w.is_valid_callback, w.is_contacted, w.resolution, w.satisfaction,
       w.return_count, w.extension_days, w.is_excluded, w.exclusion_reason,
       w.source_at, w.delivery_id, w.row_no,
       coalesce(p.town_name_then[width_bucket(label.beijing(w.opened_at)::date, p.from_on)], label.unknown(w.area_key)) AS town_name_then
  FROM star.fact_work_order AS w
  LEFT JOIN label.place_span AS p ON p.area_key = w.area_key
  LEFT JOIN label.place_now AS n ON n.area_key = w.area_key
  LEFT JOIN label.category_now AS c ON c.category_key = w.category_key
  LEFT JOIN label.unit_now AS u ON u.unit_key = w.unit_key
  LEFT JOIN label.channel_now AS h ON h.channel_key = w.channel_key;
COMMENT ON VIEW bi.work_order IS
    '工单：一行为一个单位承办的一张工单 / work orders, one row per order and handling unit';
