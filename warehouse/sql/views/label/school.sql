-- Each version with the stretch it gives names to: a day before the first version has the first
-- one's name, a day in a gap or after the end the last one's. So an event finds exactly one.
CREATE OR REPLACE VIEW label.school AS
SELECT v.school_key, v.school_id, v.school_name, v.school_category, v.running_type, v.uscc, v.area_key,
       v.status, v.valid_from, v.valid_to, v.known_from, v.delivery_id, v.row_no,
       CASE row_number() OVER w WHEN 1 THEN DATE '-infinity' ELSE v.valid_from END AS from_on,
       coalesce(lead(v.valid_from) OVER w, DATE 'infinity') AS to_on
  FROM star.dim_school AS v
WINDOW w AS (PARTITION BY v.school_key ORDER BY v.valid_from);
