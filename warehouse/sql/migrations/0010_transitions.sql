-- Which state of a delivery may follow which: the table of etl/ledger/states.py, so that no SQL gets round it.
CREATE TABLE ledger.transition (
    verb       text NOT NULL,
    from_state text NOT NULL,
    to_state   text NOT NULL,
    PRIMARY KEY (from_state, to_state, verb)
);
COMMENT ON TABLE ledger.transition IS
    '批次状态的变化：由何动作从何状态到何状态 / which state of a delivery may follow which, and by which verb';
INSERT INTO ledger.transition (verb, from_state, to_state) VALUES
    ('stage', 'received', 'staged'), ('stage', 'received', 'duplicate'),
    ('stage', 'received', 'held'), ('stage', 'received', 'rejected'),
    ('validate', 'staged', 'validated'), ('validate', 'staged', 'held'),
    ('load', 'validated', 'loaded'), ('load', 'validated', 'duplicate'), ('load', 'validated', 'held'),
    ('load', 'validated', 'staged'), ('load', 'validated', 'received'),
    ('fail', 'received', 'failed'), ('fail', 'staged', 'failed'), ('fail', 'validated', 'failed'),
    ('retry', 'failed', 'received'),
    ('release', 'held', 'received'), ('resume', 'held', 'received'), ('reject', 'held', 'rejected');

ALTER TABLE ledger.delivery ADD COLUMN failures int NOT NULL DEFAULT 0;
COMMENT ON COLUMN ledger.delivery.failures IS
    '当前步骤已失败的次数，将再试 / tries of the step that is due which have failed, while another is to come';
