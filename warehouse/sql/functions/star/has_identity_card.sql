CREATE OR REPLACE FUNCTION star.has_identity_card(words text) RETURNS boolean
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT EXISTS (
        SELECT FROM regexp_matches(normalize(words, NFKC), '(?<!\d)\d{17}[\dXx](?![\dXx])', 'g') AS digits
         WHERE star.is_identity_card(digits[1])
    )
$$;
COMMENT ON FUNCTION star.has_identity_card IS
    '文字中是否有身份证号 / whether a text holds an identity number';
