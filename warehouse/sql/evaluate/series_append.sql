-- Append what differs from what is known of the same point: a town that is no longer there becomes a row without value.
WITH computed AS (
    SELECT r.* FROM jsonb_populate_recordset(CAST(NULL AS star.fact_indicator_series), CAST(:rows AS jsonb)) AS r
), point AS (
    SELECT DISTINCT indicator_key, as_of, definition_version, policy FROM computed
), latest AS (
    SELECT DISTINCT ON (f.indicator_key, f.as_of, f.basis, f.town_key, f.definition_version, f.policy) f.*
      FROM star.fact_indicator_series AS f JOIN point USING (indicator_key, as_of, definition_version, policy)
     ORDER BY f.indicator_key, f.as_of, f.basis, f.town_key, f.definition_version, f.policy, f.known_from DESC
), next AS (
    SELECT indicator_key, as_of, basis, town_key, definition_version, policy, CAST(:seq AS bigint) AS known_from,
           c.value, c.numerator, c.denominator, c.low, c.high, c.open_ends, coalesce(c.is_provisional, false) AS is_provisional, c.status
      FROM computed AS c
      FULL JOIN latest AS l USING (indicator_key, as_of, basis, town_key, definition_version, policy)
     WHERE (c.value, c.numerator, c.denominator, c.low, c.high, c.open_ends, coalesce(c.is_provisional, false), c.status)
           IS DISTINCT FROM (l.value, l.numerator, l.denominator, l.low, l.high, l.open_ends, l.is_provisional, l.status)
        OR l.indicator_key IS NULL
)
INSERT INTO star.fact_indicator_series
SELECT * FROM next
-- The rule of a version changed at the same commit: what was kept by the other is replaced.
ON CONFLICT (indicator_key, as_of, basis, town_key, definition_version, policy, known_from)
DO UPDATE SET (value, numerator, denominator, low, high, open_ends, is_provisional, status)
   = ROW (excluded.value, excluded.numerator, excluded.denominator, excluded.low, excluded.high, excluded.open_ends,
          excluded.is_provisional, excluded.status)
