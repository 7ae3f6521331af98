CREATE OR REPLACE FUNCTION star.is_uscc(code text) RETURNS boolean
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'
       AND star.is_gb11714(substr(code, 9, 9))
       AND substr(code, 18, 1) = substr('0123456789ABCDEFGHJKLMNPQRTUWXY', (31 - sum(
               (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, place, 1)) - 1) * weight
           )::int % 31) % 31 + 1, 1)
      FROM unnest('{1,3,9,27,19,26,16,17,20,29,25,13,8,24,10,30,28}'::int[])
           WITH ORDINALITY AS weights (weight, place_no)
     CROSS JOIN LATERAL (SELECT place_no::int AS place) AS places
$$;
COMMENT ON FUNCTION star.is_uscc IS
    '统一社会信用代码（18 位，GB 32100）校验码是否正确 / whether a unified social credit code passes its checks';
