-- Each version with the stretch it gives names to: a day before the first version has the first
-- one's name, a day in a gap or after the end the last one's. So an event finds exactly one.
CREATE OR REPLACE VIEW label.facility AS
SELECT v.facility_key, v.facility_id, v.facility_name, v.filing_no, v.facility_type, v.area_key,
       v.opened_on, v.closed_on, v.status, v.valid_from, v.valid_to, v.known_from, v.delivery_id, v.row_no,
       CASE row_number() OVER w WHEN 1 THEN DATE '-infinity' ELSE v.valid_from END AS from_on,
       coalesce(lead(v.valid_from) OVER w, DATE 'infinity') AS to_on
  FROM star.dim_facility AS v
WINDOW w AS (PARTITION BY v.facility_key ORDER BY v.valid_from);
