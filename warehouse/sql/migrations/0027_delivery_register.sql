-- 报送登记: a department registers that there was nothing to report (空报); the period is covered then, though no file came.
CREATE TABLE star.fact_delivery_register (
    of_feed      text NOT NULL,
    nothing_from date NOT NULL,
    nothing_to   date NOT NULL,
    status       text NOT NULL,
    reported_by  text NOT NULL,
    note         text,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int NOT NULL,
    PRIMARY KEY (of_feed, nothing_from, nothing_to),
    CHECK (nothing_from <= nothing_to)
);
COMMENT ON TABLE star.fact_delivery_register IS '报送登记：部门登记的空报 / delivery register: where departments say that there was nothing to report';
CALL ledger.create_target('fact_delivery_register', 'fact', '{of_feed,nothing_from,nothing_to}');
