-- Which columns each delivery had, and which of them held values: a column that is gone is noticed.
CREATE TABLE ledger.headers (
    delivery_id int PRIMARY KEY REFERENCES ledger.delivery ON DELETE CASCADE,
    sent        text[] NOT NULL,
    filled      text[] NOT NULL,
    unknown     text[] NOT NULL
);
COMMENT ON TABLE ledger.headers IS
    '批次的列：有哪些，哪些有值 / the columns of a delivery: which it had, which held values';
COMMENT ON COLUMN ledger.headers.sent IS
    '文件所有的字段 / fields of the contract that the file has';
COMMENT ON COLUMN ledger.headers.filled IS
    '其中至少有一个值的字段 / those of them with at least one value';
COMMENT ON COLUMN ledger.headers.unknown IS
    '契约不认识的表头 / headers that the contract does not know';

-- Which feeds tell of a target by rows of their own: ids belong to the feed that gives them, unless it shares them.
CREATE TABLE ledger.key_space (
    target text NOT NULL,
    feed   text NOT NULL,
    shared boolean NOT NULL,
    PRIMARY KEY (target, feed)
);
COMMENT ON TABLE ledger.key_space IS
    '编号归属：哪些数据源报送某目标表，其编号是否共用 / which feeds tell of a target, and whether their ids are shared';
COMMENT ON COLUMN ledger.key_space.shared IS
    '契约声明与他人共用编号（sharedKeys）/ the contract says that the ids are those of a common register (sharedKeys)';
INSERT INTO ledger.key_space (target, feed, shared)
SELECT DISTINCT heading[1], d.feed, false
  FROM ledger.delivery AS d
  JOIN ledger.contract AS c USING (contract_hash)
 CROSS JOIN LATERAL regexp_matches(c.load_sql, '^--\s*target:\s*(\w+)', 'gn') AS heading
 WHERE d.state = 'loaded';
