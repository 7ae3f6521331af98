-- Publications (发布): evaluations that left the house, numbered, by three people, as they were and never changed.
CREATE TABLE ledger.publication (
    version        int PRIMARY KEY CHECK (version > 0),
    as_of          date NOT NULL,
    seq            bigint NOT NULL,
    known_at       timestamptz NOT NULL,
    policy         text NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('first', 'update', 'correction')),
    revises        int REFERENCES ledger.publication,
    why            text,
    prepared_by    text NOT NULL,
    reviewed_by    text NOT NULL,
    approved_by    text NOT NULL,
    document_no    text NOT NULL UNIQUE,
    published_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    embargo_until  timestamptz,
    seen_by        text[] NOT NULL DEFAULT '{}',
    overridden     jsonb NOT NULL DEFAULT '[]',
    override_why   text,
    program        text NOT NULL,
    figures        jsonb NOT NULL,
    revised        jsonb NOT NULL DEFAULT '[]',
    files_sha256 text NOT NULL,
    CHECK (prepared_by <> reviewed_by AND reviewed_by <> approved_by AND approved_by <> prepared_by),
    CHECK ((kind = 'first') = (revises IS NULL)),
    CHECK (kind = 'first' OR why IS NOT NULL),
    CHECK (overridden = '[]' OR override_why IS NOT NULL)
);
COMMENT ON TABLE ledger.publication IS '发布的评估：只增不改 / published evaluations: appended, never changed';
COMMENT ON COLUMN ledger.publication.kind IS
    'first 首次，update 因数据增加而更新，correction 更正我方错误 / first; update: more data; correction: a mistake of ours';
COMMENT ON COLUMN ledger.publication.overridden IS '未满足而经说明放行的条件 / what was not as it should be, and was published with a reason';
COMMENT ON COLUMN ledger.publication.program IS '所用程序的版本 / version of the program';
COMMENT ON COLUMN ledger.publication.files_sha256 IS '发布目录清单的摘要 / digest of the list of the published files';
COMMENT ON COLUMN ledger.publication.revised IS '与所修订版本不同的指标 / figures that differ from the version that it revises';

CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% 只增不改 / is appended to and never changed', TG_TABLE_NAME;
END $$;
CREATE TRIGGER publication_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.publication
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
