-- Whether a version holds today: not before its first day, and not because its end is far away.
-- (A reader who calls it through a view has no right to the schema: it calls no other function of it.)
CREATE OR REPLACE FUNCTION label.is_current(valid_from date, valid_to date) RETURNS boolean STABLE PARALLEL SAFE LANGUAGE sql AS
    $$ SELECT (now() AT TIME ZONE INTERVAL '8 hours')::date >= $1 AND (now() AT TIME ZONE INTERVAL '8 hours')::date < $2 $$;
