-- What analysts and BI tools read: one flat view per fact and per dimension, with stable columns.
-- Attributes are those of the day of the event ("as then"); town_name_now is today's town.
-- Views belong to a role that can read and nothing else; readers see the views only.

-- The plan's statements and the score policies, as data; etl.evaluate.seed fills them from warehouse/plan/.
CREATE SCHEMA plan;

CREATE TABLE plan.statement (
    indicator_code     text PRIMARY KEY,
    position           int NOT NULL,
    in_chapter         boolean NOT NULL,
    name_zh            text NOT NULL,
    name_en            text NOT NULL,
    theme              text NOT NULL,
    section            text,
    unit_zh            text,
    unit_en            text,
    value_as_stated    text,
    value              double precision,
    half_width         double precision,
    comparator         text NOT NULL,
    kind               text NOT NULL,
    period_start       date,
    period_end         date,
    quote              text,
    quote_sha256       text,
    computable         text NOT NULL CHECK (computable IN ('C', 'P', 'D')),
    direction          text NOT NULL,
    feeds              text[] NOT NULL,
    definition_version text NOT NULL,
    definition         jsonb NOT NULL,
    caveat_zh          text,
    caveat_en          text
);
COMMENT ON TABLE plan.statement IS '规划表述与派生指标，取自 warehouse/plan/ / statements of the plan and derived measures';

CREATE TABLE plan.score_policy (
    policy_code      text PRIMARY KEY,
    valid_from       date NOT NULL,
    valid_to         date NOT NULL,
    w_response       double precision NOT NULL,
    w_resolution     double precision NOT NULL,
    w_satisfaction   double precision NOT NULL,
    k_basic          double precision NOT NULL,
    partial_resolved double precision NOT NULL,
    month_start_day  int NOT NULL CHECK (month_start_day BETWEEN 1 AND 28),
    month_basis      text NOT NULL CHECK (month_basis IN ('opened', 'dispatched', 'closed', 'called_back')),
    status           text NOT NULL CHECK (status IN ('official', 'unofficial', 'example')),
    source           text NOT NULL,
    CHECK (abs(w_response + w_resolution + w_satisfaction - 1) < 1e-9),
    CHECK (valid_from < valid_to)
);
COMMENT ON TABLE plan.score_policy IS '三率考核口径（非官方者注明）/ score policies of the hotline, unofficial ones labelled';

-- Readings of a monthly stretch as it was known then need the superseded rows by time, too.
CREATE INDEX ON history.fact_work_order USING brin (opened_at);

-- ------------------------------------------------------------------ labels
CREATE SCHEMA label;
COMMENT ON SCHEMA label IS '视图内部使用：任一日期的名称与归属 / used inside bi: names and belonging on any day';

-- A key without a version tells three things apart.
CREATE FUNCTION label.unknown(key int) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
    $$ SELECT CASE key WHEN -1 THEN '未提供' WHEN -2 THEN '无效' ELSE '未登记' END $$;

CREATE FUNCTION label.beijing(moment timestamptz) RETURNS timestamp IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
    $$ SELECT moment AT TIME ZONE INTERVAL '8 hours' $$;

-- Each version with the stretch it gives names to: a day before the first version has the first
-- one's name, a day in a gap or after the end the last one's. So an event finds exactly one.
DO $$
DECLARE d text;
BEGIN
    FOREACH d IN ARRAY ARRAY['area', 'school', 'facility', 'estate'] LOOP
        EXECUTE format($v$
            CREATE VIEW label.%1$I AS
            SELECT v.*,
                   CASE row_number() OVER w WHEN 1 THEN DATE '-infinity' ELSE v.valid_from END AS from_on,
                   coalesce(lead(v.valid_from) OVER w, DATE 'infinity') AS to_on
              FROM star.%2$I v WINDOW w AS (PARTITION BY v.%3$I ORDER BY v.valid_from)
        $v$, d, 'dim_' || d, d || '_key');
    END LOOP;
END $$;

-- Area and its town on the same day.
CREATE VIEW label.place AS
SELECT a.area_key,
       greatest(a.from_on, coalesce(t.from_on, '-infinity')) AS from_on,
       least(a.to_on, coalesce(t.to_on, 'infinity')) AS to_on,
       a.area_code, a.area_name, a.area_level, a.urban_rural_class,
       CASE WHEN own THEN a.area_key ELSE coalesce(t.area_key, a.parent_area_key) END AS town_key,
       CASE WHEN own THEN a.area_code ELSE t.area_code END AS town_code,
       CASE WHEN own THEN a.area_name ELSE coalesce(t.area_name, label.unknown(a.parent_area_key)) END AS town_name
  FROM label.area a
  LEFT JOIN label.area t
    ON t.area_key = a.parent_area_key AND t.area_level IN ('town', 'virtual')
   AND a.area_level IN ('community', 'village', 'virtual')
   AND a.from_on < t.to_on AND t.from_on < a.to_on
 CROSS JOIN LATERAL (SELECT a.area_level IN ('district', 'town')
                            OR (a.area_level = 'virtual' AND t.area_key IS NULL) AS own) o;

CREATE VIEW label.place_now AS
SELECT DISTINCT ON (area_key) area_key, area_code, area_name, town_key, town_code, town_name
  FROM label.place ORDER BY area_key, to_on DESC;

-- Millions of orders need lookups with one row per key: only then a lookup that nobody asks for is
-- not done at all. Places keep their versions in arrays, read by width_bucket(day, from_on); a category,
-- unit or channel is its name, so its newest version says what every version says.
CREATE VIEW label.place_span AS
SELECT area_key, array_agg(from_on ORDER BY from_on) AS from_on,
       array_agg(area_code ORDER BY from_on) AS area_code, array_agg(area_name ORDER BY from_on) AS area_name,
       array_agg(area_level ORDER BY from_on) AS area_level,
       array_agg(town_code ORDER BY from_on) AS town_code, array_agg(town_name ORDER BY from_on) AS town_name
  FROM label.place GROUP BY area_key;

CREATE VIEW label.category_now AS
SELECT DISTINCT ON (category_key) category_key, category_1, category_2, category_3
  FROM star.dim_category ORDER BY category_key, valid_from DESC;

CREATE VIEW label.unit_now AS
SELECT DISTINCT ON (unit_key) unit_key, unit_name, unit_kind
  FROM star.dim_unit ORDER BY unit_key, valid_from DESC;

CREATE VIEW label.channel_now AS
SELECT DISTINCT ON (channel_key) channel_key, channel_name
  FROM star.dim_channel ORDER BY channel_key, valid_from DESC;

-- ------------------------------------------------------------------- facts
CREATE SCHEMA bi;
COMMENT ON SCHEMA bi IS '分析与报表只读视图 / flat views for analysts and BI tools';

CREATE VIEW bi.work_order AS
SELECT w.order_id, w.case_id,
       coalesce(h.channel_name, label.unknown(w.channel_key)) AS channel_name,
       w.category_key,
       CASE WHEN c.category_key IS NULL THEN label.unknown(w.category_key) ELSE c.category_1 END AS category_1,
       c.category_2, c.category_3,
       w.area_key,
       p.area_code[width_bucket(label.beijing(w.opened_at)::date, p.from_on)] AS area_code,
       coalesce(p.area_name[width_bucket(label.beijing(w.opened_at)::date, p.from_on)], label.unknown(w.area_key)) AS area_name,
       p.area_level[width_bucket(label.beijing(w.opened_at)::date, p.from_on)] AS area_level,
       p.town_code[width_bucket(label.beijing(w.opened_at)::date, p.from_on)] AS town_code,
       coalesce(p.town_name[width_bucket(label.beijing(w.opened_at)::date, p.from_on)], label.unknown(w.area_key)) AS town_name,
       coalesce(n.town_name, label.unknown(w.area_key)) AS town_name_now,
       w.unit_key,
       coalesce(u.unit_name, label.unknown(w.unit_key)) AS unit_name,
       u.unit_kind,
       w.handling_role, w.order_type, w.urgency, w.livelihood,
       w.opened_at,
       label.beijing(w.opened_at)::date AS opened_on,
       date_trunc('month', label.beijing(w.opened_at))::date AS opened_month,
       w.dispatched_at, w.signed_at, w.deadline_at, w.closed_at, w.called_back_at,
       coalesce(w.closed_at, now()) > w.deadline_at AS is_overdue,
       w.is_valid_callback, w.is_contacted, w.resolution, w.satisfaction,
       w.return_count, w.extension_days, w.is_excluded, w.exclusion_reason,
       w.source_at, w.delivery_id, w.row_no
  FROM star.fact_work_order w
  LEFT JOIN label.place_span p ON p.area_key = w.area_key
  LEFT JOIN label.place_now n ON n.area_key = w.area_key
  LEFT JOIN label.category_now c ON c.category_key = w.category_key
  LEFT JOIN label.unit_now u ON u.unit_key = w.unit_key
  LEFT JOIN label.channel_now h ON h.channel_key = w.channel_key;
COMMENT ON VIEW bi.work_order IS
    '工单：一行为一个单位承办的一张工单 / work orders, one row per order and handling unit';

CREATE VIEW bi.seat_change AS
SELECT f.change_id, s.school_id, coalesce(s.school_name, label.unknown(f.school_key)) AS school_name,
       s.running_type, f.stage, f.change_type, f.seats, f.effective_on, f.document_no,
       s.area_key, p.area_code, coalesce(p.area_name, label.unknown(coalesce(s.area_key, f.school_key))) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(coalesce(s.area_key, f.school_key))) AS town_name,
       f.delivery_id, f.row_no
  FROM star.fact_seat_change f
  LEFT JOIN label.school s
    ON s.school_key = f.school_key AND f.effective_on >= s.from_on AND f.effective_on < s.to_on
  LEFT JOIN label.place p
    ON p.area_key = s.area_key AND f.effective_on >= p.from_on AND f.effective_on < p.to_on;
COMMENT ON VIEW bi.seat_change IS '学位变动（学位数无符号）/ seat changes; seats carry no sign, the type tells the direction';

CREATE VIEW bi.housing_milestone AS
SELECT f.project_id, f.project_name, f.lot_id, f.housing_type, f.milestone, f.milestone_on, f.units,
       f.area_key, p.area_code, coalesce(p.area_name, label.unknown(f.area_key)) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(f.area_key)) AS town_name,
       f.delivery_id, f.row_no
  FROM star.fact_housing_milestone f
  LEFT JOIN label.place p
    ON p.area_key = f.area_key AND f.milestone_on >= p.from_on AND f.milestone_on < p.to_on;
COMMENT ON VIEW bi.housing_milestone IS '保障房节点：开工、竣工、交付 / affordable housing: started, completed, delivered';

CREATE VIEW bi.facility_month AS
SELECT c.facility_id, coalesce(c.facility_name, label.unknown(f.facility_key)) AS facility_name,
       c.facility_type, c.status, f.month, f.beds, f.nursing_beds, f.occupied,
       c.area_key, p.area_code, coalesce(p.area_name, label.unknown(coalesce(c.area_key, f.facility_key))) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(coalesce(c.area_key, f.facility_key))) AS town_name,
       f.delivery_id, f.row_no
  FROM star.fact_facility_month f
 CROSS JOIN LATERAL (SELECT (f.month + INTERVAL '1 month' - INTERVAL '1 day')::date AS last_day) d
  LEFT JOIN label.facility c
    ON c.facility_key = f.facility_key AND d.last_day >= c.from_on AND d.last_day < c.to_on
  LEFT JOIN label.place p
    ON p.area_key = c.area_key AND d.last_day >= p.from_on AND d.last_day < p.to_on;
COMMENT ON VIEW bi.facility_month IS '养老机构月度床位与入住 / beds and residents of elderly-care facilities by month';

CREATE VIEW bi.property_contract AS
SELECT e.estate_id, coalesce(e.estate_name, label.unknown(f.estate_key)) AS estate_name, e.households,
       b.is_three_no AS was_three_no,
       f.firm_id, f.firm_name, f.management_mode, f.starts_on, f.ends_on,
       e.area_key, p.area_code, coalesce(p.area_name, label.unknown(coalesce(e.area_key, f.estate_key))) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(coalesce(e.area_key, f.estate_key))) AS town_name,
       f.delivery_id, f.row_no
  FROM star.fact_property_contract f
  LEFT JOIN label.estate e
    ON e.estate_key = f.estate_key AND f.starts_on >= e.from_on AND f.starts_on < e.to_on
  LEFT JOIN star.dim_estate b
    ON b.estate_key = f.estate_key AND f.starts_on - 1 >= b.valid_from AND f.starts_on - 1 < b.valid_to
  LEFT JOIN label.place p
    ON p.area_key = e.area_key AND f.starts_on >= p.from_on AND f.starts_on < p.to_on;
COMMENT ON VIEW bi.property_contract IS '物业服务合同 / property-management contracts';

CREATE VIEW bi.renewal AS
SELECT f.project_id, f.project_name, e.estate_id,
       coalesce(e.estate_name, label.unknown(f.estate_key)) AS estate_name,
       f.renewal_type, f.households, f.designated_on, f.completed_on,
       f.area_key, p.area_code, coalesce(p.area_name, label.unknown(f.area_key)) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(f.area_key)) AS town_name,
       f.delivery_id, f.row_no
  FROM star.fact_renewal f
 CROSS JOIN LATERAL (SELECT coalesce(f.completed_on, f.designated_on, DATE '9999-12-31') AS event_on) d
  LEFT JOIN label.estate e
    ON e.estate_key = f.estate_key AND d.event_on >= e.from_on AND d.event_on < e.to_on
  LEFT JOIN label.place p
    ON p.area_key = f.area_key AND d.event_on >= p.from_on AND d.event_on < p.to_on;
COMMENT ON VIEW bi.renewal IS '老旧小区改造 / renewal of old estates';

CREATE VIEW bi.community_coverage AS
SELECT f.area_key, p.area_code, coalesce(p.area_name, label.unknown(f.area_key)) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(f.area_key)) AS town_name,
       f.is_urban, f.service_circle_on, f.donation_site_on, f.delivery_id, f.row_no
  FROM star.fact_community_coverage f
  LEFT JOIN label.place_now p ON p.area_key = f.area_key;
COMMENT ON VIEW bi.community_coverage IS
    '社区覆盖达标日期；覆盖率的分母取自 bi.area / days of compliance; denominators come from bi.area';

CREATE VIEW bi.social_worker_month AS
SELECT f.area_key, p.area_code, coalesce(p.area_name, label.unknown(f.area_key)) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(f.area_key)) AS town_name,
       f.month, f.community_workers, f.certified_community_workers,
       f.professionals, f.certified_professionals, f.delivery_id, f.row_no
  FROM star.fact_social_worker_month f
 CROSS JOIN LATERAL (SELECT (f.month + INTERVAL '1 month' - INTERVAL '1 day')::date AS last_day) d
  LEFT JOIN label.place p
    ON p.area_key = f.area_key AND d.last_day >= p.from_on AND d.last_day < p.to_on;
COMMENT ON VIEW bi.social_worker_month IS '社工与社区工作者月度汇总 / social-work staff by town and month, aggregates only';

CREATE VIEW bi.population_year AS
SELECT f.area_key, p.area_code, coalesce(p.area_name, label.unknown(f.area_key)) AS area_name, p.area_level,
       p.town_code, coalesce(p.town_name, label.unknown(f.area_key)) AS town_name,
       f.year, f.residents, f.basis, f.delivery_id, f.row_no
  FROM star.fact_population_year f
  LEFT JOIN label.place p
    ON p.area_key = f.area_key
   AND make_date(f.year, 12, 31) >= p.from_on AND make_date(f.year, 12, 31) < p.to_on;
COMMENT ON VIEW bi.population_year IS '常住人口 / residents by area and year';

CREATE VIEW bi.target AS
SELECT i.indicator_id AS indicator_code, s.name_zh, s.name_en, f.plan_code, f.target_on, f.target_value,
       f.comparator, f.nature, f.basis, f.source_title, f.source_url, f.page, f.quote,
       f.supplied_on, f.definition_version, f.delivery_id, f.row_no
  FROM star.fact_target f
  LEFT JOIN registry.indicator i ON i.indicator_key = f.indicator_key
  LEFT JOIN plan.statement s ON s.indicator_code = i.indicator_id;
COMMENT ON VIEW bi.target IS '规划目标；basis=example 为示例，不得对外 / targets; basis=example is never official';

CREATE VIEW bi.declaration AS
SELECT i.indicator_id AS indicator_code, s.name_zh, s.name_en, f.declared_on, f.value, f.half_width,
       f.comparator, f.text_as_stated, f.quote, f.evidence, f.basis, f.definition_version,
       f.delivery_id, f.row_no
  FROM star.fact_declaration f
  LEFT JOIN registry.indicator i ON i.indicator_key = f.indicator_key
  LEFT JOIN plan.statement s ON s.indicator_code = i.indicator_id;
COMMENT ON VIEW bi.declaration IS '部门申报值及依据 / declared values with evidence';

CREATE VIEW bi.indicator AS
SELECT indicator_code, position, in_chapter, name_zh, name_en, theme, section, unit_zh, unit_en, value_as_stated,
       value AS baseline, half_width, comparator, kind, period_start, period_end, quote, quote_sha256,
       computable, direction, feeds, definition_version, caveat_zh, caveat_en
  FROM plan.statement;
COMMENT ON VIEW bi.indicator IS '指标与规划原文 / indicators and the sentences of the plan';

CREATE VIEW bi.indicator_value AS
SELECT f.evaluation_id, e.as_of, e.seq, c.at AS known_at, e.evaluated_at,
       i.indicator_id AS indicator_code, s.name_zh, s.name_en, s.unit_zh, s.unit_en, s.computable,
       f.value, f.numerator, f.denominator, f.baseline, f.half_width, f.target, f.progress, f.time_progress,
       f.status, f.reasons, f.completeness, f.quarantined_share, f.is_provisional, f.definition_version
  FROM star.fact_indicator_value f
  JOIN ledger.evaluation e USING (evaluation_id)
  LEFT JOIN ledger.commit c ON c.seq = e.seq
  LEFT JOIN registry.indicator i ON i.indicator_key = f.indicator_key
  LEFT JOIN plan.statement s ON s.indicator_code = i.indicator_id;
COMMENT ON VIEW bi.indicator_value IS '历次评估结果 / results of every saved evaluation';

CREATE VIEW bi.score_policy AS
SELECT policy_code, valid_from, nullif(valid_to, 'infinity') AS valid_to, w_response, w_resolution, w_satisfaction,
       k_basic, partial_resolved, month_start_day, month_basis, status, source
  FROM plan.score_policy;
COMMENT ON VIEW bi.score_policy IS '三率考核口径；非官方者注明 / score policies; unofficial ones say so';

-- -------------------------------------------------------------- dimensions
CREATE VIEW bi.area AS
SELECT a.area_key, a.area_code, a.area_name, a.area_level, p.town_code, p.town_name, n.town_name AS town_name_now,
       a.urban_rural_class, a.unit_type, a.is_etown,
       a.valid_from, nullif(a.valid_to, 'infinity') AS valid_to, a.valid_to = 'infinity' AS is_current,
       a.delivery_id, a.row_no
  FROM star.dim_area a
  LEFT JOIN label.place p
    ON p.area_key = a.area_key AND a.valid_from >= p.from_on AND a.valid_from < p.to_on
  LEFT JOIN label.place_now n ON n.area_key = a.area_key;
COMMENT ON VIEW bi.area IS '区划版本 / areas, one row per version';

CREATE VIEW bi.school AS
SELECT d.school_id, d.school_name, d.school_category, d.running_type, d.uscc, d.status,
       d.area_key, p.area_code, coalesce(p.area_name, label.unknown(d.area_key)) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(d.area_key)) AS town_name,
       d.valid_from, nullif(d.valid_to, 'infinity') AS valid_to, d.valid_to = 'infinity' AS is_current,
       d.delivery_id, d.row_no
  FROM star.dim_school d
  LEFT JOIN label.place p
    ON p.area_key = d.area_key AND d.valid_from >= p.from_on AND d.valid_from < p.to_on;
COMMENT ON VIEW bi.school IS '学校版本 / schools, one row per version';

CREATE VIEW bi.institution AS
SELECT d.institution_id, d.institution_name, d.uscc, d.category_code, d.management_class, d.beds, d.technicians,
       d.registered_on, d.deregistered_on, d.status, d.longitude, d.latitude,
       d.area_key, p.area_code, coalesce(p.area_name, label.unknown(d.area_key)) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(d.area_key)) AS town_name,
       coalesce(n.town_name, label.unknown(d.area_key)) AS town_name_now,
       d.valid_from, nullif(d.valid_to, 'infinity') AS valid_to, d.valid_to = 'infinity' AS is_current,
       d.delivery_id, d.row_no
  FROM star.dim_institution d
  LEFT JOIN label.place p
    ON p.area_key = d.area_key AND d.valid_from >= p.from_on AND d.valid_from < p.to_on
  LEFT JOIN label.place_now n ON n.area_key = d.area_key;
COMMENT ON VIEW bi.institution IS '医疗卫生机构版本 / health institutions, one row per version';

CREATE VIEW bi.facility AS
SELECT d.facility_id, d.facility_name, d.filing_no, d.facility_type, d.opened_on, d.closed_on, d.status,
       d.area_key, p.area_code, coalesce(p.area_name, label.unknown(d.area_key)) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(d.area_key)) AS town_name,
       coalesce(n.town_name, label.unknown(d.area_key)) AS town_name_now,
       d.valid_from, nullif(d.valid_to, 'infinity') AS valid_to, d.valid_to = 'infinity' AS is_current,
       d.delivery_id, d.row_no
  FROM star.dim_facility d
  LEFT JOIN label.place p
    ON p.area_key = d.area_key AND d.valid_from >= p.from_on AND d.valid_from < p.to_on
  LEFT JOIN label.place_now n ON n.area_key = d.area_key;
COMMENT ON VIEW bi.facility IS '养老服务机构版本 / elderly-care facilities, one row per version';

CREATE VIEW bi.organisation AS
SELECT d.registration_no, d.organisation_name, d.uscc, d.organisation_type, d.is_town_federation,
       d.founded_on, d.deregistered_on, d.status, d.status_on, d.registrar,
       d.area_key, p.area_code, coalesce(p.area_name, label.unknown(d.area_key)) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(d.area_key)) AS town_name,
       d.valid_from, nullif(d.valid_to, 'infinity') AS valid_to, d.valid_to = 'infinity' AS is_current,
       d.delivery_id, d.row_no
  FROM star.dim_organisation d
  LEFT JOIN label.place p
    ON p.area_key = d.area_key AND d.valid_from >= p.from_on AND d.valid_from < p.to_on;
COMMENT ON VIEW bi.organisation IS '社会组织版本 / social organisations, one row per version';

CREATE VIEW bi.estate AS
SELECT d.estate_id, d.estate_name, d.households, d.built_year, d.is_three_no, d.is_old_estate,
       d.area_key, p.area_code, coalesce(p.area_name, label.unknown(d.area_key)) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(d.area_key)) AS town_name,
       d.valid_from, nullif(d.valid_to, 'infinity') AS valid_to, d.valid_to = 'infinity' AS is_current,
       d.delivery_id, d.row_no
  FROM star.dim_estate d
  LEFT JOIN label.place p
    ON p.area_key = d.area_key AND d.valid_from >= p.from_on AND d.valid_from < p.to_on;
COMMENT ON VIEW bi.estate IS '住宅小区版本 / residential estates, one row per version';

CREATE VIEW bi.delivery AS
SELECT d.delivery_id, d.feed, d.department,
       coalesce(n.name_zh, CASE WHEN d.department IS NULL THEN '未提供' ELSE d.department END) AS department_zh,
       n.name_en AS department_en,
       d.mode, d.period_start, d.period_end, d.file_name, d.member, d.received_at, d.state, d.seq,
       d.rows, d.loaded, d.unchanged, d.duplicate, d.retracted, d.quarantined, d.totals_dropped, d.closed,
       (SELECT count(*) FROM ledger.quarantine q
         WHERE q.delivery_id = d.delivery_id AND q.resolved_by IS NULL) AS quarantined_open,
       d.contract_hash, d.supersedes, d.sha256
  FROM ledger.delivery d
  LEFT JOIN registry.department r ON r.department_id = d.department
  LEFT JOIN (SELECT DISTINCT ON (department_key) department_key, name_zh, name_en
               FROM star.dim_department ORDER BY department_key, valid_from DESC) n USING (department_key);
COMMENT ON VIEW bi.delivery IS '批次：每一次到达 / deliveries: every arrival and what became of it';

CREATE VIEW bi.calendar AS
SELECT date_key, year, quarter, month, day, iso_week, weekday, is_weekend, is_holiday, is_workday,
       holiday_name, is_provisional
  FROM star.dim_date;
COMMENT ON VIEW bi.calendar IS '日历（含调休）/ calendar with shifted workdays';

-- Repeats need the caller's token, which no view shows. Same caller, place and category within some
-- days; orders of one case are one demand; an unknown place or category is never the same one.
CREATE FUNCTION bi.repeat_order(from_on date, to_on date, within_days int DEFAULT 30)
RETURNS TABLE (order_id text, opened_at timestamptz, previous_order_id text, previous_opened_at timestamptz,
               area_key int, category_key int)
STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp LANGUAGE sql AS $$
    WITH demand AS (
        SELECT DISTINCT ON (coalesce(w.case_id, w.order_id))
               w.order_id, w.opened_at, w.caller_token, w.area_key, w.category_key
          FROM star.fact_work_order w
         WHERE w.opened_at >= ($1 - $3)::timestamp AT TIME ZONE INTERVAL '8 hours'
           AND w.opened_at < $2::timestamp AT TIME ZONE INTERVAL '8 hours'
           AND w.caller_token IS NOT NULL AND w.area_key > 0 AND w.category_key > 0
         ORDER BY coalesce(w.case_id, w.order_id), w.opened_at, w.order_id
    ), chain AS (
        SELECT d.order_id, d.opened_at, lag(d.order_id) OVER c AS previous_order_id,
               lag(d.opened_at) OVER c AS previous_opened_at, d.area_key, d.category_key
          FROM demand d
        WINDOW c AS (PARTITION BY d.caller_token, d.area_key, d.category_key ORDER BY d.opened_at, d.order_id)
    )
    SELECT * FROM chain
     WHERE chain.opened_at >= $1::timestamp AT TIME ZONE INTERVAL '8 hours'
       AND chain.opened_at - chain.previous_opened_at <= make_interval(days => $3)
$$;
COMMENT ON FUNCTION bi.repeat_order(date, date, int) IS
    '区间 [from_on, to_on) 内的重复诉求：同一来电人、地点、分类，within_days 日内 / repeat demands, without the caller';
REVOKE ALL ON FUNCTION bi.repeat_order(date, date, int) FROM PUBLIC;

-- One name has one meaning in every view; a column without an entry here fails the migration.
DO $$
DECLARE c record;
BEGIN
    FOR c IN
        WITH meaning (name, text) AS (VALUES
            ('area_code', '区划代码（12位）/ division code'),
            ('area_key', '区划内部键 / key of the area'),
            ('area_level', '级别：district、town、community、village、virtual / level'),
            ('area_name', '区划名称（当时）；未提供、无效、未登记分列 / name then; 未提供 not supplied, 未登记 not yet known'),
            ('as_of', '评估时点 / reference day of the evaluation'),
            ('baseline', '规划所述2020年末值 / value at the end of 2020 as the plan states it'),
            ('basis', '依据或口径 / basis: of a target official, user_supplied or example; of residents the count'),
            ('beds', '床位数 / beds'),
            ('built_year', '建成年代 / year of construction'),
            ('called_back_at', '回访时间 / called back'),
            ('case_id', '案件编号，同一诉求的多张工单共用 / case, shared by all orders of one demand'),
            ('category_1', '一级分类 / category, first level'),
            ('category_2', '二级分类 / category, second level'),
            ('category_3', '三级分类 / category, third level'),
            ('category_code', '类别代码（WS 218）/ class of institution'),
            ('category_key', '分类内部键 / key of the category'),
            ('caveat_en', '英文说明 / caveats in English'),
            ('caveat_zh', '口径说明 / caveats'),
            ('certified_community_workers', '持证社区工作者数 / certified community workers'),
            ('certified_professionals', '持证专业人才数 / certified social-work professionals'),
            ('change_id', '变动编号 / number of the change'),
            ('change_type', '变动类型 / kind of change'),
            ('channel_name', '诉求渠道 / channel'),
            ('closed', '快照消失而关闭数 / things closed because a snapshot no longer has them'),
            ('closed_at', '办结时间 / closed'),
            ('closed_on', '停业日期 / day of closing'),
            ('community_workers', '社区工作者数 / community workers'),
            ('comparator', '比较方式 / comparator'),
            ('completed_on', '完工日期 / day of completion'),
            ('completeness', '完整度（0至1）/ share of expected periods that are loaded'),
            ('computable', 'C 可计算、P 需其他台账、D 申报 / C computed, P needs a further register, D declared'),
            ('contract_hash', '数据契约摘要 / hash of the contract that judged it'),
            ('date_key', '日期 / day'),
            ('day', '日 / day of the month'),
            ('deadline_at', '截止时间（来源所报）/ deadline as the source states it'),
            ('declared_on', '申报日期 / day of the declaration'),
            ('definition_version', '定义版本 / version of the definition'),
            ('delivered_on', '交付日期 / day of handing over'),
            ('delivery_id', '来源批次 / delivery the row comes from'),
            ('denominator', '分母 / denominator'),
            ('department', '部门代码 / department'),
            ('department_en', '部门英文名 / department in English'),
            ('department_zh', '部门名称 / department in Chinese'),
            ('deregistered_on', '注销日期 / day of deregistration'),
            ('designated_on', '确定日期 / day of designation'),
            ('direction', '方向：higher、lower、neutral、achieve / which way is better'),
            ('dispatched_at', '派单时间 / dispatched'),
            ('document_no', '批文号 / number of the document'),
            ('donation_site_on', '捐助站点达标日期 / donation site compliant since'),
            ('duplicate', '重复行 / duplicate rows'),
            ('effective_on', '启用日期 / effective day'),
            ('ends_on', '合同结束日期 / last day of the contract'),
            ('estate_id', '小区编码 / code of the estate'),
            ('estate_name', '小区名称（当时）/ name of the estate then'),
            ('evaluated_at', '评估时间 / when it was evaluated'),
            ('evaluation_id', '评估编号 / number of the evaluation'),
            ('evidence', '依据材料 / evidence'),
            ('exclusion_reason', '剔除原因 / reason for exclusion'),
            ('extension_days', '延期天数 / days of extension'),
            ('facility_id', '机构编码 / code of the facility'),
            ('facility_name', '机构名称（当时）/ name of the facility then'),
            ('facility_type', '机构类型 / type of facility'),
            ('feed', '数据源 / feed'),
            ('feeds', '所需数据源 / feeds it needs'),
            ('file_name', '文件名 / file'),
            ('filing_no', '备案号 / filing number'),
            ('firm_id', '物业企业标识 / identifier of the firm'),
            ('firm_name', '物业企业 / property firm'),
            ('founded_on', '成立日期 / day of foundation'),
            ('half_width', '舍入半宽 / half of the rounding interval'),
            ('handling_role', '办理角色 / role of the unit'),
            ('holiday_name', '节假日 / holiday'),
            ('households', '户数 / households'),
            ('housing_type', '房源类型 / type of housing'),
            ('in_chapter', '是否规划第一章所述 / stated in chapter 1 of the plan'),
            ('indicator_code', '指标代码 / code of the indicator'),
            ('institution_id', '机构登记号 / registration number'),
            ('institution_name', '机构名称 / name of the institution'),
            ('is_contacted', '是否联系 / was contacted'),
            ('is_current', '是否现行版本 / version holds today'),
            ('is_etown', '是否由开发区上报 / reported by E-Town'),
            ('is_excluded', '是否剔除 / excluded from assessment'),
            ('is_holiday', '是否节假日 / public holiday'),
            ('is_old_estate', '是否老旧小区 / old estate'),
            ('is_overdue', '是否超期（未办结的与当前时间比）/ past its deadline; open ones against now'),
            ('is_provisional', '是否暂定 / provisional'),
            ('is_three_no', '是否三无 / without manager, committee and fund'),
            ('is_town_federation', '是否镇街级联合会 / federation of a town'),
            ('is_urban', '是否城市社区（来源所报）/ urban community as reported'),
            ('is_valid_callback', '是否有效回访 / callback counts'),
            ('is_weekend', '是否周末 / weekend'),
            ('is_workday', '是否工作日（含调休）/ workday, shifted ones included'),
            ('iso_week', 'ISO 周 / ISO week'),
            ('k_basic', '基本满意折算系数 / weight of "basically satisfied"'),
            ('kind', '类型 / kind: flow, stock, ratio, coverage, ...'),
            ('known_at', '数据截止（已知时间）/ what was known when'),
            ('latitude', '纬度 / latitude'),
            ('livelihood', '七有五性 / livelihood lens'),
            ('loaded', '入库行 / rows loaded'),
            ('longitude', '经度 / longitude'),
            ('lot_id', '楼栋编号 / building lot'),
            ('management_class', '分类管理 / profit or non-profit'),
            ('management_mode', '管理方式 / mode of management'),
            ('member', '压缩包内文件 / member of the archive'),
            ('milestone', '节点：started 开工、completed 竣工、delivered 交付 / milestone'),
            ('milestone_on', '节点日期 / day of the milestone'),
            ('mode', '方式：full、delta、window、correction、retraction / mode of delivery'),
            ('month', '月份（首日）；日历中为月 / month, by its first day; in the calendar its number'),
            ('month_basis', '考核月按何时间归属 / which moment puts an order into a month'),
            ('month_start_day', '考核月起始日 / first day of the assessment month'),
            ('name_en', '英文名称 / English name'),
            ('name_zh', '中文名称 / Chinese name'),
            ('nature', '性质：预期性、约束性 / expected or binding'),
            ('numerator', '分子 / numerator'),
            ('nursing_beds', '护理型床位 / nursing beds'),
            ('occupied', '入住 / residents'),
            ('opened_at', '来电时间 / opened'),
            ('opened_month', '来电月份（北京时间）/ month opened, Beijing time'),
            ('opened_on', '来电日期（北京时间）；机构为开业日期 / day opened, Beijing time'),
            ('order_id', '工单编号 / order'),
            ('order_type', '诉求类型 / type of demand'),
            ('organisation_name', '名称 / name of the organisation'),
            ('organisation_type', '类型 / type of organisation'),
            ('page', '页码 / page'),
            ('partial_resolved', '部分解决折算系数 / weight of "partly resolved"'),
            ('period_end', '期末 / end of the period'),
            ('period_start', '期初 / start of the period'),
            ('plan_code', '规划代码 / plan'),
            ('policy_code', '口径代码 / policy'),
            ('position', '原文次序 / order in the plan'),
            ('professionals', '社会工作专业人才数 / social-work professionals'),
            ('progress', '完成进度（0至1）/ progress'),
            ('project_id', '项目编号 / project'),
            ('project_name', '项目名称 / name of the project'),
            ('quarantined', '隔离行 / rows quarantined'),
            ('quarantined_open', '未解决的隔离行 / quarantined rows still open'),
            ('quarantined_share', '未解决隔离占比 / share of rows in open quarantine'),
            ('quarter', '季度 / quarter'),
            ('quote', '原文 / quote'),
            ('quote_sha256', '原文摘要 / sha256 of the quote'),
            ('reasons', '状态与原因 / reasons'),
            ('received_at', '接收时间 / received'),
            ('registered_on', '执业登记日期 / day of registration'),
            ('registrar', '登记机关 / registrar'),
            ('registration_no', '登记证号 / registration number'),
            ('renewal_type', '改造类型 / type of renewal'),
            ('residents', '常住人口 / residents'),
            ('resolution', '是否解决 / resolution'),
            ('retracted', '撤回行 / rows retracted'),
            ('return_count', '退单次数 / times returned'),
            ('row_no', '批次内行号 / row in the delivery'),
            ('rows', '行数合计 / rows in all'),
            ('running_type', '办学类型 / type of school'),
            ('satisfaction', '是否满意 / satisfaction'),
            ('school_category', '学校类别 / category of school'),
            ('school_id', '学校标识码 / code of the school'),
            ('school_name', '学校名称（当时）/ name of the school then'),
            ('seats', '学位数（无符号）/ seats, without sign'),
            ('section', '章节 / section'),
            ('seq', '提交序号 / number of the commit'),
            ('service_circle_on', '服务圈达标日期 / 15-minute circle reached'),
            ('sha256', '文件摘要 / sha256 of the file'),
            ('signed_at', '签收时间 / signed for'),
            ('source', '来源 / source'),
            ('source_at', '更新时间（来源）/ last change at the source'),
            ('source_title', '来源 / source'),
            ('source_url', '来源链接 / address of the source'),
            ('stage', '学段 / stage of schooling'),
            ('starts_on', '合同开始日期 / first day of the contract'),
            ('state', '状态 / state of the delivery'),
            ('status', '状态 / status'),
            ('status_on', '状态日期 / day of the status'),
            ('supersedes', '所替代批次 / delivery it supersedes'),
            ('supplied_on', '提供日期 / supplied on'),
            ('target', '目标值 / target'),
            ('target_on', '目标日期 / day of the target'),
            ('target_value', '目标值 / target'),
            ('technicians', '卫技人员 / health technicians'),
            ('text_as_stated', '原文表述 / text as stated'),
            ('theme', '领域 / theme'),
            ('time_progress', '时间进度（0至1）/ elapsed share of the plan'),
            ('totals_dropped', '剔除合计行 / total rows dropped'),
            ('town_code', '镇街代码（当时）/ code of the town then'),
            ('town_name', '镇街（当时）/ town then'),
            ('town_name_now', '镇街（现行区划）/ town today'),
            ('unchanged', '无变化行 / unchanged rows'),
            ('unit_en', '单位（英文）/ unit of measure in English'),
            ('unit_key', '承办单位内部键 / key of the handling unit'),
            ('unit_kind', '单位类别：town、department、other / kind of unit'),
            ('unit_name', '承办单位 / handling unit'),
            ('unit_type', '单位类型 / type of division'),
            ('unit_zh', '计量单位 / unit of measure'),
            ('units', '套数 / dwellings'),
            ('urban_rural_class', '城乡分类代码 / urban-rural class'),
            ('urgency', '紧急程度 / urgency'),
            ('uscc', '统一社会信用代码 / unified social credit code'),
            ('valid_from', '版本起始日 / version holds from'),
            ('valid_to', '版本终止日（不含，空为现行）/ until before this day; empty: still holds'),
            ('value', '数值 / value'),
            ('value_as_stated', '原文数值 / value as stated'),
            ('w_resolution', '解决率权重 / weight of resolution'),
            ('w_response', '响应率权重 / weight of response'),
            ('w_satisfaction', '满意率权重 / weight of satisfaction'),
            ('was_three_no', '合同开始前一日是否三无 / three-no on the day before the contract'),
            ('weekday', '星期（1为周一）/ weekday, 1 is Monday'),
            ('year', '年份 / year')
        )
        SELECT a.attrelid::regclass AS view, a.attname AS name, m.text
          FROM pg_attribute a JOIN pg_class k ON k.oid = a.attrelid
          LEFT JOIN meaning m ON m.name = a.attname
         WHERE k.relnamespace = 'bi'::regnamespace AND k.relkind = 'v' AND a.attnum > 0
    LOOP
        IF c.text IS NULL THEN
            RAISE EXCEPTION 'no comment for column % of %', c.name, c.view;
        END IF;
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', c.view, c.name, c.text);
    END LOOP;
END $$;

-- ------------------------------------------------------------------ access
-- Roles belong to the cluster: another warehouse in it may have made them, at this very moment.
DO $$
DECLARE
    r text;
    held boolean;
BEGIN
    FOREACH r IN ARRAY ARRAY['minsheng_bi_owner', 'minsheng_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', r);
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN NULL;
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION 'role % is missing and % may not create it', r, current_user
                        USING HINT = format('As an administrator: CREATE ROLE %I NOLOGIN;', r),
                              ERRCODE = 'insufficient_privilege';
            END;
        END IF;
    END LOOP;
    -- To hand over a view one must be able to become its new owner; from PostgreSQL 16 on
    -- that is a right of its own, which the creator of a role may give to itself.
    IF current_setting('server_version_num')::int >= 160000 THEN
        EXECUTE 'SELECT pg_has_role(current_user, ''minsheng_bi_owner'', ''SET'')' INTO held;
    ELSE
        held := pg_has_role(current_user, 'minsheng_bi_owner', 'MEMBER');
    END IF;
    IF NOT held THEN
        BEGIN
            EXECUTE format('GRANT minsheng_bi_owner TO %I', current_user)
                || CASE WHEN current_setting('server_version_num')::int >= 160000
                        THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END;
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE EXCEPTION 'role minsheng_bi_owner exists and % may not become it', current_user
                USING HINT = format('As an administrator: GRANT minsheng_bi_owner TO %I;', current_user),
                      ERRCODE = 'insufficient_privilege';
        END;
    END IF;
END $$;

GRANT USAGE ON SCHEMA star, plan, label, ledger, registry TO minsheng_bi_owner;
GRANT SELECT ON ALL TABLES IN SCHEMA star, plan, label, registry TO minsheng_bi_owner;
GRANT SELECT ON ledger.delivery, ledger.commit, ledger.evaluation TO minsheng_bi_owner;
GRANT SELECT (delivery_id, resolved_by) ON ledger.quarantine TO minsheng_bi_owner;
GRANT USAGE ON SCHEMA bi TO minsheng_reader, minsheng_bi_owner;
GRANT SELECT ON ALL TABLES IN SCHEMA bi TO minsheng_reader;
GRANT EXECUTE ON FUNCTION bi.repeat_order(date, date, int) TO minsheng_reader;

GRANT CREATE ON SCHEMA bi, label TO minsheng_bi_owner;
DO $$
DECLARE v record;
BEGIN
    FOR v IN SELECT oid::regclass AS name FROM pg_class
              WHERE relnamespace IN ('bi'::regnamespace, 'label'::regnamespace) AND relkind = 'v' LOOP
        EXECUTE format('ALTER VIEW %s OWNER TO minsheng_bi_owner', v.name);
    END LOOP;
    ALTER FUNCTION bi.repeat_order(date, date, int) OWNER TO minsheng_bi_owner;
END $$;
REVOKE CREATE ON SCHEMA bi, label FROM minsheng_bi_owner;
