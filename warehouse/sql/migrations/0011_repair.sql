-- Repairs: deliveries that answer quarantine entries of another one, row by row.
ALTER TABLE ledger.delivery ADD COLUMN repairs bigint REFERENCES ledger.delivery;
COMMENT ON COLUMN ledger.delivery.repairs IS
    '所修正的批次（隔离行的修正表）/ the delivery whose quarantined rows this one answers';

CREATE TABLE ledger.repair (
    delivery_id    bigint NOT NULL REFERENCES ledger.delivery ON DELETE CASCADE,
    row_no         int,
    of_delivery    bigint NOT NULL,
    of_row         int NOT NULL,
    action         text NOT NULL CHECK (action IN ('repair', 'keep', 'withdraw', 'accept')),
    accepted_rules text[] NOT NULL DEFAULT '{}',
    said_by        text,
    said_why       text,
    PRIMARY KEY (delivery_id, of_delivery, of_row),
    FOREIGN KEY (of_delivery, of_row) REFERENCES ledger.quarantine (delivery_id, row_no),
    CHECK (action <> 'accept' OR said_by IS NOT NULL AND said_why IS NOT NULL)
);
CREATE INDEX ON ledger.repair (of_delivery, of_row);
COMMENT ON TABLE ledger.repair IS '对隔离行的答复：更正、保留、撤回、按原样接受 / answers on quarantined rows';
COMMENT ON COLUMN ledger.repair.row_no IS '修正批次中的行号；撤回者为空 / row of the repairing delivery; NULL if withdrawn';
