-- Where an area belongs today.
CREATE OR REPLACE VIEW label.place_now AS
-- There is one stretch for today; DISTINCT tells the planner so, which then leaves out the lookup if nobody asks for it.
SELECT DISTINCT ON (area_key) area_key, area_code, area_name, town_key, town_code, town_name
  FROM label.place WHERE from_on <= label.today() AND label.today() < to_on ORDER BY area_key;
