-- The reference: one plain fact table with all 21 columns of the extract, as anybody would write it.
-- It never changes: a slower schema of ours would make the limit slower too, but not this.
CREATE SCHEMA reference;

CREATE TABLE reference.fact_order (
    order_id          text PRIMARY KEY,
    case_id           text,
    channel           text,
    caller_phone      text,
    order_type        text,
    category_1        text NOT NULL,
    category_2        text,
    category_3        text,
    town              text NOT NULL,
    community_code    text,
    address           text,
    title             text,
    content           text,
    unit              text NOT NULL,
    opened_at         timestamptz NOT NULL,
    dispatched_at     timestamptz,
    closed_at         timestamptz,
    is_valid_callback boolean,
    resolution        text,
    satisfaction      text,
    updated_at        timestamptz
);
CREATE INDEX fact_order_opened ON reference.fact_order USING brin (opened_at);
CREATE INDEX fact_order_closed ON reference.fact_order USING brin (closed_at);
CREATE INDEX fact_order_unit ON reference.fact_order (unit);
