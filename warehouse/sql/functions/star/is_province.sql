-- GB/T 2260: the first two digits of a division code.
CREATE OR REPLACE FUNCTION star.is_province(code text) RETURNS boolean
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT code ~ '^(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])$'
$$;
COMMENT ON FUNCTION star.is_province IS
    '两位数字是否为省级代码（GB/T 2260） / whether two digits are a province';
