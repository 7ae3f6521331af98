-- A loaded delivery may be withdrawn: what it said counts no more, from a commit of its own on.
ALTER TABLE ledger.delivery DROP CONSTRAINT delivery_state_check;
ALTER TABLE ledger.delivery ADD CONSTRAINT delivery_state_check
    CHECK (state IN ('received', 'staged', 'validated', 'loaded', 'duplicate', 'held', 'rejected', 'failed', 'withdrawn'));
ALTER TABLE ledger.delivery ADD COLUMN withdrawn_seq bigint;
ALTER TABLE ledger.delivery ADD CONSTRAINT delivery_withdrawn CHECK ((state = 'withdrawn') = (withdrawn_seq IS NOT NULL));
COMMENT ON COLUMN ledger.delivery.withdrawn_seq IS
    '撤销入库的提交序号；此前已知的读数不变 / the commit that took the delivery back; what was known before stays readable';
INSERT INTO ledger.transition (verb, from_state, to_state) VALUES ('withdraw', 'loaded', 'withdrawn');

-- Quarantine entries that a withdrawn delivery had closed: closed as known until then, open or closed by another since.
CREATE TABLE ledger.reopened (
    delivery_id bigint NOT NULL,
    row_no      int NOT NULL,
    closed_by   bigint NOT NULL REFERENCES ledger.delivery,
    PRIMARY KEY (delivery_id, row_no, closed_by),
    FOREIGN KEY (delivery_id, row_no) REFERENCES ledger.quarantine (delivery_id, row_no)
);
COMMENT ON TABLE ledger.reopened IS
    '因批次被撤销而重新打开的隔离条目 / quarantine entries that were closed by a delivery withdrawn since';

-- What people decided on deliveries, in the order in which they did.
CREATE TABLE ledger.decision (
    decision_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    delivery_id bigint NOT NULL REFERENCES ledger.delivery ON DELETE CASCADE,
    verb        text NOT NULL CHECK (verb IN ('release', 'reject', 'withdraw')),
    decided_by  text NOT NULL,
    reason      text,
    decided_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON ledger.decision (delivery_id);
COMMENT ON TABLE ledger.decision IS '人对批次的决定：放行、退回、撤销 / decisions of people on deliveries: released, rejected, withdrawn';
INSERT INTO ledger.decision (delivery_id, verb, decided_by, decided_at)
SELECT delivery_id, CASE state WHEN 'rejected' THEN 'reject' ELSE 'release' END, released_by, updated_at
  FROM ledger.delivery WHERE released_by IS NOT NULL ORDER BY delivery_id;
