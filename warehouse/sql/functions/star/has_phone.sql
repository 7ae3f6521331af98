CREATE OR REPLACE FUNCTION star.has_phone(words text) RETURNS boolean
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT normalize(words, NFKC) ~ '(?<!\d)(1[3-9]\d{9}|0\d{2,3}-\d{7,8})(?!\d)'
$$;
COMMENT ON FUNCTION star.has_phone IS
    '文字中是否有电话号码 / whether a text holds a telephone number';
