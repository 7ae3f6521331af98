-- WS 218-2002: division (6, GB/T 2260), type of registration (2, GB/T 12402), category (4), management class (1: 1 not
-- for profit, 2 for profit, 9 other). Of the division only the province is checked here, of the type of registration that it
-- is two digits. The code of 22 that has an organisation's code in front is not known well enough to be checked.
CREATE OR REPLACE FUNCTION star.is_health_classification(code text) RETURNS boolean
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT code ~ '^[0-9]{8}.{4}[129]$' AND star.is_province(left(code, 2)) AND star.is_health_category(substr(code, 9, 4))
$$;
COMMENT ON FUNCTION star.is_health_classification IS
    '卫生机构属性代码（WS 218，13 位）的结构是否正确 / whether a classification code of thirteen is built as WS 218 has it';
