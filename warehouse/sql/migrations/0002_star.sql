-- The star, as known now. Facts and dimension versions carry where they came from
-- (delivery_id, row_no) and since which commit they are believed (known_from).
-- Dimensions have versions by valid time: [valid_from, valid_to).

CREATE EXTENSION IF NOT EXISTS btree_gist;

CALL ledger.create_registry('area');
CALL ledger.create_registry('department');
CALL ledger.create_registry('unit');
CALL ledger.create_registry('category');
CALL ledger.create_registry('channel');
CALL ledger.create_registry('school');
CALL ledger.create_registry('institution');
CALL ledger.create_registry('facility');
CALL ledger.create_registry('organisation');
CALL ledger.create_registry('estate');
CALL ledger.create_registry('indicator');

CREATE TABLE star.dim_date (
    date_key       date PRIMARY KEY,
    year           int NOT NULL,
    quarter        int NOT NULL,
    month          int NOT NULL,
    day            int NOT NULL,
    iso_week       int NOT NULL,
    weekday        int NOT NULL,
    is_weekend     boolean NOT NULL,
    is_holiday     boolean NOT NULL,
    is_workday     boolean NOT NULL,
    holiday_name   text,
    is_provisional boolean NOT NULL
);
COMMENT ON TABLE star.dim_date IS '日期（含调休）/ calendar with shifted workdays';

-- ---------------------------------------------------------------- dimensions
CREATE TABLE star.dim_area (
    area_key          int NOT NULL,
    area_code         text NOT NULL,
    area_name         text NOT NULL,
    area_level        text NOT NULL CHECK (area_level IN ('district', 'town', 'community', 'village', 'virtual')),
    parent_area_key   int NOT NULL,
    urban_rural_class text,
    unit_type         text,
    is_etown          boolean,
    valid_from date NOT NULL, valid_to date NOT NULL,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int,
    PRIMARY KEY (area_key, valid_from)
);
COMMENT ON TABLE star.dim_area IS '区划：区、镇街、社区、村，按日期 / areas of three levels, dated';

CREATE TABLE star.dim_department (
    department_key int NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    valid_from date NOT NULL, valid_to date NOT NULL,
    known_from bigint NOT NULL, delivery_id bigint, row_no int,
    PRIMARY KEY (department_key, valid_from)
);
COMMENT ON TABLE star.dim_department IS '报送部门 / departments that deliver';

CREATE TABLE star.dim_unit (
    unit_key  int NOT NULL,
    unit_name text NOT NULL,
    unit_kind text NOT NULL CHECK (unit_kind IN ('town', 'department', 'other')),
    area_key  int NOT NULL,
    valid_from date NOT NULL, valid_to date NOT NULL,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int,
    PRIMARY KEY (unit_key, valid_from)
);
COMMENT ON TABLE star.dim_unit IS '承办单位：镇街与部门 / handling units of the hotline';

CREATE TABLE star.dim_category (
    category_key int NOT NULL,
    category_1   text,
    category_2   text,
    category_3   text,
    is_mapped    boolean NOT NULL,
    valid_from date NOT NULL, valid_to date NOT NULL,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int,
    PRIMARY KEY (category_key, valid_from)
);
COMMENT ON TABLE star.dim_category IS '诉求分类（三级）/ order categories, three levels';

CREATE TABLE star.dim_channel (
    channel_key  int NOT NULL,
    channel_name text NOT NULL,
    valid_from date NOT NULL, valid_to date NOT NULL,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int,
    PRIMARY KEY (channel_key, valid_from)
);
COMMENT ON TABLE star.dim_channel IS '诉求渠道 / channels';

CREATE TABLE star.dim_school (
    school_key      int NOT NULL,
    school_id       text NOT NULL,
    school_name     text NOT NULL,
    school_category text,
    running_type    text,
    uscc            text,
    area_key        int NOT NULL,
    status          text,
    valid_from date NOT NULL, valid_to date NOT NULL,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int,
    PRIMARY KEY (school_key, valid_from)
);
COMMENT ON TABLE star.dim_school IS '学校 / schools';

CREATE TABLE star.dim_institution (
    institution_key  int NOT NULL,
    institution_id   text NOT NULL,
    institution_name text NOT NULL,
    uscc             text,
    category_code    text,
    management_class text,
    beds             int,
    technicians      int,
    area_key         int NOT NULL,
    registered_on    date,
    deregistered_on  date,
    status           text,
    longitude        double precision,
    latitude         double precision,
    valid_from date NOT NULL, valid_to date NOT NULL,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int,
    PRIMARY KEY (institution_key, valid_from)
);
COMMENT ON TABLE star.dim_institution IS '医疗卫生机构 / health institutions';

CREATE TABLE star.dim_facility (
    facility_key  int NOT NULL,
    facility_id   text NOT NULL,
    facility_name text NOT NULL,
    filing_no     text,
    facility_type text,
    area_key      int NOT NULL,
    opened_on     date,
    closed_on     date,
    status        text,
    valid_from date NOT NULL, valid_to date NOT NULL,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int,
    PRIMARY KEY (facility_key, valid_from)
);
COMMENT ON TABLE star.dim_facility IS '养老服务机构 / elderly-care facilities';

CREATE TABLE star.dim_organisation (
    organisation_key   int NOT NULL,
    registration_no    text NOT NULL,
    organisation_name  text NOT NULL,
    uscc               text,
    organisation_type  text,
    area_key           int NOT NULL,
    is_town_federation boolean,
    founded_on         date,
    deregistered_on    date,
    status             text,
    status_on          date,
    registrar          text,
    valid_from date NOT NULL, valid_to date NOT NULL,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int,
    PRIMARY KEY (organisation_key, valid_from)
);
COMMENT ON TABLE star.dim_organisation IS '社会组织 / social organisations';

CREATE TABLE star.dim_estate (
    estate_key    int NOT NULL,
    estate_id     text NOT NULL,
    estate_name   text NOT NULL,
    area_key      int NOT NULL,
    households    int,
    built_year    int,
    is_three_no   boolean,
    is_old_estate boolean,
    valid_from date NOT NULL, valid_to date NOT NULL,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int,
    PRIMARY KEY (estate_key, valid_from)
);
COMMENT ON TABLE star.dim_estate IS '住宅小区台账（含无物业）/ residential estates, managed or not';

CREATE TABLE star.dim_indicator (
    indicator_key  int NOT NULL,
    indicator_code text NOT NULL,
    name_zh        text NOT NULL,
    name_en        text NOT NULL,
    theme          text,
    unit_zh        text,
    unit_en        text,
    kind           text,
    direction      text,
    computable     text,
    definition_version text NOT NULL,
    valid_from date NOT NULL, valid_to date NOT NULL,
    known_from bigint NOT NULL, delivery_id bigint, row_no int,
    PRIMARY KEY (indicator_key, valid_from)
);
COMMENT ON TABLE star.dim_indicator IS '指标 / indicators of the plan';

-- Two versions of one thing never hold on the same day.
DO $$
DECLARE d text;
BEGIN
    FOREACH d IN ARRAY ARRAY['area', 'department', 'unit', 'category', 'channel', 'school', 'institution',
                             'facility', 'organisation', 'estate', 'indicator'] LOOP
        EXECUTE format('ALTER TABLE star.dim_%1$s ADD CHECK (valid_from < valid_to), '
                       'ADD EXCLUDE USING gist (%1$s_key WITH =, daterange(valid_from, valid_to) WITH &&)', d);
        EXECUTE format('CALL ledger.create_target(%L, ''dimension'', ARRAY[%L], ''{"parent_area_key": "area"}'')',
                       'dim_' || d, d || '_key');
    END LOOP;
END $$;

-- --------------------------------------------------------------------- facts
CREATE TABLE star.fact_work_order (
    order_id          text COLLATE "C" NOT NULL,
    case_id           text COLLATE "C",
    channel_key       int NOT NULL,
    category_key      int NOT NULL,
    area_key          int NOT NULL,
    unit_key          int NOT NULL,
    handling_role     text,
    order_type        text,
    urgency           text,
    livelihood        text,
    opened_at         timestamptz NOT NULL,
    dispatched_at     timestamptz,
    signed_at         timestamptz,
    deadline_at       timestamptz,
    closed_at         timestamptz,
    called_back_at    timestamptz,
    is_valid_callback boolean,
    is_contacted      boolean,
    resolution        text,
    satisfaction      text,
    return_count      int,
    extension_days    int,
    is_excluded       boolean,
    exclusion_reason  text,
    caller_token      text COLLATE "C",
    source_at         timestamptz,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int NOT NULL,
    CONSTRAINT fact_work_order_pk PRIMARY KEY (order_id)
);
-- Orders arrive in the order of time: an index of a few pages finds a month among millions,
-- by the moment or by the Beijing day and month that bi.work_order computes, or a delivery's rows.
-- One index of four columns: three of them cost a load of a million rows 0.8 s more.
CREATE INDEX fact_work_order_brin ON star.fact_work_order USING brin
    (opened_at,
     ((opened_at AT TIME ZONE INTERVAL '8 hours')::date),
     (date_trunc('month', opened_at AT TIME ZONE INTERVAL '8 hours')::date),
     delivery_id) WITH (autosummarize = on);
COMMENT ON TABLE star.fact_work_order IS
    '工单（一行为一个单位承办的一张工单的当前版本）/ one order as handled by one unit, accumulating milestones';

CREATE TABLE star.fact_seat_change (
    change_id    text COLLATE "C" NOT NULL,
    school_key   int NOT NULL,
    stage        text NOT NULL,
    change_type  text NOT NULL,
    seats        int NOT NULL,
    effective_on date NOT NULL,
    document_no  text,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int NOT NULL,
    PRIMARY KEY (change_id)
);
COMMENT ON TABLE star.fact_seat_change IS '学位变动（学位数无符号，方向看变动类型）/ seat changes, unsigned, direction by type';

CREATE TABLE star.fact_housing_milestone (
    project_id   text COLLATE "C" NOT NULL,
    lot_id       text COLLATE "C" NOT NULL,
    milestone    text NOT NULL CHECK (milestone IN ('started', 'completed', 'delivered')),
    project_name text,
    housing_type text,
    area_key     int NOT NULL,
    units        int NOT NULL,
    milestone_on date NOT NULL,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int NOT NULL,
    PRIMARY KEY (project_id, lot_id, milestone)
);
COMMENT ON TABLE star.fact_housing_milestone IS '保障房节点：开工、竣工、交付 / affordable-housing milestones';

CREATE TABLE star.fact_facility_month (
    facility_key int NOT NULL,
    month        date NOT NULL,
    beds         int,
    nursing_beds int,
    occupied     int,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int NOT NULL,
    PRIMARY KEY (facility_key, month)
);
COMMENT ON TABLE star.fact_facility_month IS '养老机构月度床位与入住 / beds and residents of a facility by month';

CREATE TABLE star.fact_property_contract (
    estate_key      int NOT NULL,
    firm_id         text COLLATE "C" NOT NULL,
    starts_on       date NOT NULL,
    ends_on         date,
    firm_name       text,
    management_mode text,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int NOT NULL,
    PRIMARY KEY (estate_key, firm_id, starts_on)
);
COMMENT ON TABLE star.fact_property_contract IS '物业服务合同 / property-management contracts';

CREATE TABLE star.fact_renewal (
    project_id    text COLLATE "C" NOT NULL,
    estate_key    int NOT NULL,
    project_name  text,
    area_key      int NOT NULL,
    renewal_type  text NOT NULL,
    households    int,
    designated_on date,
    completed_on  date,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int NOT NULL,
    PRIMARY KEY (project_id, estate_key)
);
COMMENT ON TABLE star.fact_renewal IS '老旧小区改造 / renewal of old estates';

CREATE TABLE star.fact_community_coverage (
    area_key          int NOT NULL,
    is_urban          boolean,
    service_circle_on date,
    donation_site_on  date,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int NOT NULL,
    PRIMARY KEY (area_key)
);
COMMENT ON TABLE star.fact_community_coverage IS '社区覆盖达标日期 / days on which a community reached a service';

CREATE TABLE star.fact_social_worker_month (
    area_key                    int NOT NULL,
    month                       date NOT NULL,
    community_workers           int,
    certified_community_workers int,
    professionals               int,
    certified_professionals     int,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int NOT NULL,
    PRIMARY KEY (area_key, month)
);
COMMENT ON TABLE star.fact_social_worker_month IS '社工与社区工作者月度汇总 / social-work staff by town and month, aggregates only';

CREATE TABLE star.fact_population_year (
    area_key  int NOT NULL,
    year      int NOT NULL,
    residents bigint NOT NULL,
    basis     text NOT NULL,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int NOT NULL,
    PRIMARY KEY (area_key, year)
);
COMMENT ON TABLE star.fact_population_year IS '常住人口 / residents by area and year';

CREATE TABLE star.fact_target (
    indicator_key int NOT NULL,
    plan_code     text NOT NULL,
    target_on     date NOT NULL,
    target_value  double precision NOT NULL,
    comparator    text NOT NULL,
    nature        text NOT NULL,
    basis         text NOT NULL CHECK (basis IN ('official', 'user_supplied', 'example')),
    source_title  text,
    source_url    text,
    page          text,
    quote         text,
    supplied_by   text,
    supplied_on   date,
    approved_by   text,
    definition_version text NOT NULL,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int NOT NULL,
    PRIMARY KEY (indicator_key, plan_code, target_on),
    CHECK (basis <> 'official' OR (quote IS NOT NULL AND approved_by IS NOT NULL
           AND (source_url IS NOT NULL OR page IS NOT NULL)))
);
COMMENT ON TABLE star.fact_target IS '规划目标（官方、用户提供、示例）/ targets: official, user supplied or example';

CREATE TABLE star.fact_declaration (
    indicator_key  int NOT NULL,
    declared_on    date NOT NULL,
    value          double precision,
    half_width     double precision,
    comparator     text,
    text_as_stated text,
    quote          text,
    evidence       text,
    basis          text NOT NULL CHECK (basis IN ('official', 'user_supplied', 'example')),
    declared_by    text,
    approved_by    text,
    definition_version text NOT NULL,
    known_from bigint NOT NULL, delivery_id bigint NOT NULL, row_no int NOT NULL,
    PRIMARY KEY (indicator_key, declared_on)
);
COMMENT ON TABLE star.fact_declaration IS '部门申报值及依据 / declared values with evidence';

CALL ledger.create_target('fact_work_order', 'fact', '{order_id}');
CALL ledger.create_target('fact_seat_change', 'fact', '{change_id}');
CALL ledger.create_target('fact_housing_milestone', 'fact', '{project_id,lot_id,milestone}');
CALL ledger.create_target('fact_facility_month', 'fact', '{facility_key,month}');
CALL ledger.create_target('fact_property_contract', 'fact', '{estate_key,firm_id,starts_on}');
CALL ledger.create_target('fact_renewal', 'fact', '{project_id,estate_key}');
CALL ledger.create_target('fact_community_coverage', 'fact', '{area_key}');
CALL ledger.create_target('fact_social_worker_month', 'fact', '{area_key,month}');
CALL ledger.create_target('fact_population_year', 'fact', '{area_key,year}');
CALL ledger.create_target('fact_target', 'fact', '{indicator_key,plan_code,target_on}');
CALL ledger.create_target('fact_declaration', 'fact', '{indicator_key,declared_on}');

-- Results of evaluations, appended, never changed.
CREATE TABLE star.fact_indicator_value (
    evaluation_id bigint NOT NULL REFERENCES ledger.evaluation,
    indicator_key int NOT NULL,
    value         double precision,
    numerator     double precision,
    denominator   double precision,
    baseline      double precision,
    half_width    double precision,
    target        double precision,
    progress      double precision,
    time_progress double precision,
    status        text NOT NULL,
    reasons       jsonb NOT NULL,
    completeness  double precision,
    quarantined_share double precision,
    is_provisional boolean NOT NULL,
    definition_version text NOT NULL,
    PRIMARY KEY (evaluation_id, indicator_key)
);
COMMENT ON TABLE star.fact_indicator_value IS '评估结果 / evaluated indicator values';
