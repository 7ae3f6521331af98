-- How often each delivery has each code and each registered name: by them a delivery is compared with those before it.
CREATE TABLE ledger.value_count (
    delivery_id bigint NOT NULL REFERENCES ledger.delivery ON DELETE CASCADE,
    field       text NOT NULL,
    value       text NOT NULL,
    rows        int NOT NULL,
    PRIMARY KEY (delivery_id, field, value)
);
COMMENT ON TABLE ledger.value_count IS
    '各批次代码与登记名称出现的行数，用于与以往批次比较 / how many rows of a delivery have each code or registered name';
