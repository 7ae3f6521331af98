-- A key with the names in it resolved: {"area": "旧宫镇"} becomes {"area": 17} once the name is known.
CREATE OR REPLACE FUNCTION ledger.resolve(sent jsonb) RETURNS jsonb STABLE LANGUAGE plpgsql AS $$
DECLARE
    part jsonb;
    thing text;
    known_key int;
    resolved jsonb := '[]';
BEGIN
    FOR part IN SELECT value FROM jsonb_array_elements(sent) WITH ORDINALITY ORDER BY ordinality LOOP
        IF jsonb_typeof(part) = 'object' THEN
            SELECT k INTO thing FROM jsonb_object_keys(part) AS k;
            EXECUTE format('SELECT %I FROM registry.%I WHERE %I = $1', thing || '_key', thing, thing || '_id')
               INTO known_key USING part ->> thing;
            part := jsonb_build_object(thing, coalesce(to_jsonb(known_key), part -> thing));
        END IF;
        resolved := resolved || jsonb_build_array(part);
    END LOOP;
    RETURN resolved;
END $$;
