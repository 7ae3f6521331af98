-- What the release of a held delivery would have done when somebody looked: the last look at each.
CREATE TABLE ledger.preview (
    delivery_id bigint PRIMARY KEY REFERENCES ledger.delivery ON DELETE CASCADE,
    seq         bigint NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    effect      jsonb NOT NULL
);
COMMENT ON TABLE ledger.preview IS '最近一次预演的结果 / the last preview of each held delivery';
COMMENT ON COLUMN ledger.preview.seq IS '预演时最新的提交 / the newest commit when it was made';
