-- One end of the 95% interval of a share (Wilson 1927, J. Am. Stat. Assoc. 22): of `n` things `hits` have it, which may be a
-- weighted count. NULL where there are none.
CREATE OR REPLACE FUNCTION label.wilson(hits double precision, n double precision, is_upper boolean) RETURNS double precision
IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT CASE WHEN n > 0 THEN
        (hits / n + z * z / (2 * n) + CASE WHEN is_upper THEN 1 ELSE -1 END
             * z * sqrt(hits / n * (1 - hits / n) / n + z * z / (4 * n * n))) / (1 + z * z / n) END
      FROM (SELECT CAST(1.959963984540054 AS double precision) AS z) AS c
$$;
COMMENT ON FUNCTION label.wilson(double precision, double precision, boolean) IS
    '比率的 Wilson 95% 区间的一端 / one end of the Wilson 95% interval of a share';
