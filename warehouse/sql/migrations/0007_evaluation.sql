-- What a figure says of itself: which policy it was counted by, who kept it, by which rule it was made, and whether its
-- deliveries are synthetic.

ALTER TABLE ledger.delivery ADD COLUMN synthetic boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN ledger.delivery.synthetic IS
    '是否合成数据：按文件内容登记，与文件名无关 / whether the file is a generated one: known by its bytes, not by its name';
-- Of what arrived before, the name is the only witness.
UPDATE ledger.delivery SET synthetic = true WHERE concat_ws('/', file_name, member) ~* '合成|synthetic';

ALTER TABLE ledger.evaluation
    ADD COLUMN policy text NOT NULL DEFAULT 'unknown',
    ADD COLUMN who text NOT NULL DEFAULT 'unknown',
    DROP CONSTRAINT evaluation_seq_as_of_key,
    ADD CONSTRAINT evaluation_once UNIQUE (seq, as_of, policy);
COMMENT ON TABLE ledger.evaluation IS
    '已保存的评估：一次提交、一个时点、一个口径一行 / kept evaluations: one a commit, day and policy';
COMMENT ON COLUMN ledger.evaluation.policy IS '三率考核口径 / score policy of the hotline''s measures';
COMMENT ON COLUMN ledger.evaluation.who IS '保存人 / who kept it';

ALTER TABLE star.fact_indicator_value
    ADD COLUMN definition_hash text,
    DROP CONSTRAINT fact_indicator_value_evaluation_id_fkey,
    ADD CONSTRAINT fact_indicator_value_evaluation
        FOREIGN KEY (evaluation_id) REFERENCES ledger.evaluation ON DELETE CASCADE;
COMMENT ON COLUMN star.fact_indicator_value.definition_hash IS
    '定义摘要：参数与查询文本；同一版本不得有两个 / digest of parameters and query text: a version has one, never two';
