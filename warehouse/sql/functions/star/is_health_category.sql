-- WS 218-2002: a capital (A hospitals to Q associations, without I) and three digits. Which of the numbers are
-- given to a category is left to the feed's own code list.
CREATE OR REPLACE FUNCTION star.is_health_category(code text) RETURNS boolean
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT code ~ '^[A-HJ-Q][0-9]{3}$'
$$;
COMMENT ON FUNCTION star.is_health_category IS
    '卫生机构类别代码（WS 218，4 位）的结构是否正确 / whether a category of health institutions is built as WS 218 has it';
