CREATE OR REPLACE VIEW bi.seat_change AS
SELECT f.change_id, s.school_id, coalesce(s.school_name, label.unknown(f.school_key)) AS school_name,
       s.running_type, f.stage, f.change_type, f.seats, f.effective_on, f.document_no,
       s.area_key, p.area_code, coalesce(p.area_name, label.unknown(coalesce(s.area_key, f.school_key))) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(coalesce(s.area_key, f.school_key))) AS town_name,
       f.delivery_id, f.row_no,
       coalesce(p.town_name_then, label.unknown(coalesce(s.area_key, f.school_key))) AS town_name_then
  FROM star.fact_seat_change AS f
  LEFT JOIN label.school AS s
    ON s.school_key = f.school_key AND f.effective_on >= s.from_on AND f.effective_on < s.to_on
  LEFT JOIN label.place AS p
    ON p.area_key = s.area_key AND f.effective_on >= p.from_on AND f.effective_on < p.to_on;
COMMENT ON VIEW bi.seat_change IS '学位变动（学位数无符号）/ seat changes; seats carry no sign, the type tells the direction';
