-- Today in Beijing.
CREATE OR REPLACE FUNCTION label.today() RETURNS date STABLE PARALLEL SAFE LANGUAGE sql AS
    $$ SELECT (now() AT TIME ZONE INTERVAL '8 hours')::date $$;
