CREATE OR REPLACE FUNCTION star.is_identity_card(number text) RETURNS boolean
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT number ~ '^[0-9]{17}[0-9Xx]$'
       AND upper(substr(number, 18, 1)) = substr('10X98765432', sum(
               (strpos('0123456789', substr(number, place, 1)) - 1) * weight
           )::int % 11 + 1, 1)
      FROM unnest('{7,9,10,5,8,4,2,1,6,3,7,9,10,5,8,4,2}'::int[])
           WITH ORDINALITY AS weights (weight, place_no)
     CROSS JOIN LATERAL (SELECT place_no::int AS place) AS places
$$;
COMMENT ON FUNCTION star.is_identity_card IS
    '居民身份证号（GB 11643）校验码是否正确，只用于发现和拒收 / whether it is an identity number; to find and refuse';
