-- The forms in which a place's name is written: with and without what kind of office it is, below its district or not.
CREATE OR REPLACE FUNCTION star.forms_of_place(place text, districts text[]) RETURNS SETOF text
IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    WITH bare AS (
        SELECT regexp_replace(place, '(人民政府|政府|街道办事处|办事处|街道办)$',
                              CASE WHEN place ~ '街道办(事处)?$' THEN '街道' ELSE '' END) AS name
    ), named AS (
        SELECT place AS name
         UNION SELECT name FROM bare
         UNION SELECT name || office FROM bare, unnest('{人民政府,办事处}'::text[]) AS office
         UNION SELECT regexp_replace(name, '(街道|地区|镇|乡)$', '') FROM bare
                WHERE name ~ '(街道|地区|镇|乡)$' AND length(name) > 3 OR name ~ '..(镇|乡)$'
    )
    SELECT name FROM named WHERE cardinality(districts) = 0 AND name = place
     UNION SELECT name FROM named WHERE cardinality(districts) > 0
     UNION SELECT district || name FROM named, unnest(districts) AS district
$$;
COMMENT ON FUNCTION star.forms_of_place IS
    '地名的各种写法：带或不带机关名、区名 / the forms in which the name of a place is written';
