-- The series of indicators: each value from the commit at which it was computed first to the next that differs.
CREATE TABLE star.fact_indicator_series (
    indicator_key      int NOT NULL,
    as_of              date NOT NULL,
    basis              text NOT NULL CHECK (basis IN ('then', 'today')),
    town_key           int NOT NULL,
    definition_version text NOT NULL,
    policy             text NOT NULL,
    known_from         bigint NOT NULL,
    value              double precision,
    numerator          double precision,
    denominator        double precision,
    low                double precision,
    high               double precision,
    open_ends          text,
    is_provisional     boolean NOT NULL,
    status             text,
    PRIMARY KEY (indicator_key, as_of, basis, town_key, definition_version, policy, known_from)
);
COMMENT ON TABLE star.fact_indicator_series IS
    '指标序列：按时点、区划、定义版本与已知版本，只增不改 / series of indicators by day, area, definition version and known version, appended';
COMMENT ON COLUMN star.fact_indicator_series.town_key IS
    '镇街；0 为全区，-1 为没有镇街的 / the town; 0: the district, -1: what has no town';
COMMENT ON COLUMN star.fact_indicator_series.basis IS
    'then 当时区划，today 今日区划 / boundaries of the day, of today';
COMMENT ON COLUMN star.fact_indicator_series.known_from IS
    '算得此值的提交，到下一个不同的值为止 / the commit at which it was computed, until the next that differs';

CREATE TABLE ledger.series_state (
    indicator_key      int NOT NULL,
    as_of              date NOT NULL,
    definition_version text NOT NULL,
    policy             text NOT NULL,
    definition_hash    text NOT NULL,
    seq                bigint NOT NULL,
    PRIMARY KEY (indicator_key, as_of, definition_version, policy)
);
COMMENT ON TABLE ledger.series_state IS
    '指标序列的每一点已算到哪一次提交 / up to which commit each point of the series was computed';
