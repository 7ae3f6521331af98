-- The day on which a version's belonging is read: today if it still holds, else its last day.
-- (A reader who calls it through a view has no right to the schema: it calls no other function of it.)
CREATE OR REPLACE FUNCTION label.last_day(valid_from date, valid_to date) RETURNS date STABLE PARALLEL SAFE LANGUAGE sql AS
    $$ SELECT greatest($1, least($2 - 1, (now() AT TIME ZONE INTERVAL '8 hours')::date)) $$;
