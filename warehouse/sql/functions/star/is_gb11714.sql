-- Checks of Chinese identifiers that contracts call by name. NULL stays NULL: a check is not a
-- requirement.
CREATE OR REPLACE FUNCTION star.is_gb11714(code text) RETURNS boolean
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT code ~ '^[0-9A-Z]{8}[0-9X]$'
       AND substr(code, 9, 1) = substr('0123456789X0', (11 - sum(
               (strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', substr(code, place, 1)) - 1) * weight
           )::int % 11) + 1, 1)
      FROM unnest('{3,7,9,10,5,8,4,2}'::int[]) WITH ORDINALITY AS weights (weight, place_no)
     CROSS JOIN LATERAL (SELECT place_no::int AS place) AS places
$$;
COMMENT ON FUNCTION star.is_gb11714 IS
    '组织机构代码（9 位，GB 11714）校验位是否正确 / whether an organisation code of nine passes its check';
