-- Checks of Chinese identifiers that contracts call by name. NULL stays NULL: a check is not a
-- requirement.

CREATE FUNCTION star.is_gb11714(code text) RETURNS boolean
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

CREATE FUNCTION star.is_uscc(code text) RETURNS boolean
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

CREATE FUNCTION star.is_identity_card(number text) RETURNS boolean
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

CREATE FUNCTION star.has_phone(words text) RETURNS boolean
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT normalize(words, NFKC) ~ '(?<!\d)(1[3-9]\d{9}|0\d{2,3}-\d{7,8})(?!\d)'
$$;
COMMENT ON FUNCTION star.has_phone IS
    '文字中是否有电话号码 / whether a text holds a telephone number';

CREATE FUNCTION star.has_identity_card(words text) RETURNS boolean
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT EXISTS (
        SELECT FROM regexp_matches(normalize(words, NFKC), '(?<!\d)\d{17}[\dXx](?![\dXx])', 'g') AS found
         WHERE star.is_identity_card(found[1])
    )
$$;
COMMENT ON FUNCTION star.has_identity_card IS
    '文字中是否有身份证号 / whether a text holds an identity number';
