-- 七有五性: twelve dimensions with dated bridges to indicators and to categories of orders (warehouse/plan/livelihood.yaml).
CREATE TABLE plan.livelihood (
    livelihood_code text PRIMARY KEY,
    position        int NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('have', 'nature')),
    name_zh         text NOT NULL,
    name_en         text NOT NULL,
    gap_zh          text,
    gap_en          text,
    basis           text NOT NULL,
    source_zh       text NOT NULL,
    source_en       text NOT NULL
);
COMMENT ON TABLE plan.livelihood IS '七有五性的十二个方面 / the twelve livelihood dimensions';
CREATE TABLE plan.livelihood_bridge (
    bridge_code     text PRIMARY KEY,
    livelihood_code text NOT NULL,
    indicator_code  text,
    category_1      text,
    category_2      text,
    valid_from      date NOT NULL,
    valid_to        date NOT NULL,
    CHECK ((indicator_code IS NULL) <> (category_1 IS NULL))
);
COMMENT ON TABLE plan.livelihood_bridge IS
    '指标或诉求分类与七有五性的对应，有起止日，多对多 / dated bridges of indicators or categories of orders to the dimensions, many to many';
COMMENT ON COLUMN plan.livelihood_bridge.category_2 IS '空为该一级分类的全部 / NULL: all of the first level';
