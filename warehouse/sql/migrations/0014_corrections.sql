-- Known faults of a source that were put right while staging, cell by cell; the contract's register says which.
CREATE TABLE ledger.correction (
    delivery_id   bigint NOT NULL REFERENCES ledger.delivery ON DELETE CASCADE,
    row_no        int NOT NULL,
    correction_id text NOT NULL,
    field         text NOT NULL,
    action        text NOT NULL CHECK (action IN ('set', 'leaveOut')),
    found         text,
    value         text,
    said_by       text NOT NULL,
    reason        text NOT NULL,
    PRIMARY KEY (delivery_id, row_no, correction_id, field)
);
COMMENT ON TABLE ledger.correction IS
    '暂存时按更正登记改正的单元格 / cells put right while staging, by the register of corrections';
COMMENT ON COLUMN ledger.correction.found IS '来源原有的值 / what the source has';
COMMENT ON COLUMN ledger.correction.value IS '改正后的值 / what stands in its place';

ALTER TABLE ledger.contract ADD COLUMN corrections text NOT NULL DEFAULT '';
COMMENT ON COLUMN ledger.contract.corrections IS '判定时的更正登记 / the register of corrections that judged along';
