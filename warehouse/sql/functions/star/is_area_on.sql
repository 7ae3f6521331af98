-- Whether the register of areas has this code on this day. A code of six or nine digits is filled up with zeros. A register's
-- own date is not the day on which its areas began: before the first register of a level all that it lists counts.
CREATE OR REPLACE FUNCTION star.is_area_on(code text, day date) RETURNS boolean
STABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT EXISTS (
        SELECT FROM registry.area AS r
          JOIN star.dim_area AS v ON v.area_key = r.area_key AND v.area_code = r.area_id
         WHERE r.area_id IN (code, CASE WHEN code ~ '^([0-9]{6}|[0-9]{9})$' THEN rpad(code, 12, '0') END)
           AND r.area_key > 0
           AND day < v.valid_to
           AND (v.valid_from <= day
                OR v.valid_from = (SELECT min(f.valid_from) FROM star.dim_area AS f
                                    WHERE f.area_level = v.area_level AND f.area_key > 0))
    )
$$;
COMMENT ON FUNCTION star.is_area_on IS
    '区划代码在某一天是否有效（按区划登记的版本） / whether a division code is one of the register on a day';
