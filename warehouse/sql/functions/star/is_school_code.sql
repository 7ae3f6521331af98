-- Ten digits: type of school (2), province (2), serial (6). The list of types is not published with the rule, so
-- any two digits pass as a type; that a void code is not given again, and that a school of another type has another
-- code, cannot be seen from a code alone.
CREATE OR REPLACE FUNCTION star.is_school_code(code text) RETURNS boolean
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT code ~ '^[0-9]{10}$' AND star.is_province(substr(code, 3, 2))
$$;
COMMENT ON FUNCTION star.is_school_code IS
    '学校标识码（10 位）的结构是否正确 / whether a school code of ten digits is built as it should be';
