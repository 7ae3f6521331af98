CREATE OR REPLACE FUNCTION star.is_day(digits text) RETURNS boolean
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT CASE WHEN digits ~ '^(1[89]|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$'
                THEN substr(digits, 7, 2)::int <= extract(DAY FROM
                         make_date(left(digits, 4)::int, substr(digits, 5, 2)::int, 1) + INTERVAL '1 month - 1 day')
                ELSE false END
$$;
COMMENT ON FUNCTION star.is_day IS
    '八位数字是否为 1800 至 2099 年的某一天 / whether eight digits are a day between 1800 and 2099';
