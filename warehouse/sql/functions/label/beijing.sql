-- Beijing's clock, which has known no summer time since 1991, whatever the server's time zones say.
CREATE OR REPLACE FUNCTION label.beijing(moment timestamptz) RETURNS timestamp IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
    $$ SELECT moment AT TIME ZONE INTERVAL '8 hours' $$;
