-- Revisions of figures: what each commit did to a kept evaluation's day, by cause (docs/indicators.md, Comparison).
CREATE TABLE star.fact_indicator_revision (
    indicator_key int NOT NULL,
    as_of         date NOT NULL,
    policy        text NOT NULL,
    known_from    bigint NOT NULL,
    cause         text NOT NULL CHECK (cause IN ('late_rows', 'corrections', 'repaired_quarantine', 'withdrawn',
                                                 'definition', 'boundary', 'rule')),
    delivery_id   bigint,
    part          double precision NOT NULL,
    things        int NOT NULL,
    PRIMARY KEY (indicator_key, as_of, policy, known_from, cause)
);
COMMENT ON TABLE star.fact_indicator_revision IS
    '数值修订：某时点的数值在每次提交后变了多少、因何而变 / by how much and why the figure of a day is another one since a commit';
COMMENT ON COLUMN star.fact_indicator_revision.part IS '变动额；各项之和即差额 / the change; they add up to the difference';
COMMENT ON COLUMN star.fact_indicator_revision.things IS '贡献有变的对象数 / things that contribute otherwise';
COMMENT ON COLUMN star.fact_indicator_revision.delivery_id IS
    '入库或撤销的批次；定义变更为空 / the delivery that was loaded or withdrawn; NULL for a change of definition';
