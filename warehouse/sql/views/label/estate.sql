-- Each version with the stretch it gives names to: a day before the first version has the first
-- one's name, a day in a gap or after the end the last one's. So an event finds exactly one.
CREATE OR REPLACE VIEW label.estate AS
SELECT v.estate_key, v.estate_id, v.estate_name, v.area_key, v.households, v.built_year, v.is_three_no,
       v.is_old_estate, v.valid_from, v.valid_to, v.known_from, v.delivery_id, v.row_no,
       CASE row_number() OVER w WHEN 1 THEN DATE '-infinity' ELSE v.valid_from END AS from_on,
       coalesce(lead(v.valid_from) OVER w, DATE 'infinity') AS to_on
  FROM star.dim_estate AS v
WINDOW w AS (PARTITION BY v.estate_key ORDER BY v.valid_from);
