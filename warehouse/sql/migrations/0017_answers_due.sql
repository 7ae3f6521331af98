-- By when quarantined rows are to be answered, and whose they are: as the contract that judged them says.
ALTER TABLE ledger.contract ADD COLUMN answer_days int;
ALTER TABLE ledger.contract ADD COLUMN owner text;
COMMENT ON COLUMN ledger.contract.answer_days IS
    '隔离的行应在收到后几日内答复；空为不限 / within how many days after receipt quarantined rows are to be answered; NULL: no limit';
COMMENT ON COLUMN ledger.contract.owner IS '数据责任单位 / who answers for the feed';
