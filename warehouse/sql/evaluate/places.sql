-- Every area's town today, under its present name: comparisons over time must not break at a boundary or a name.
SELECT area_key, town_key, town_name FROM label.place_now WHERE town_key IS NOT NULL
