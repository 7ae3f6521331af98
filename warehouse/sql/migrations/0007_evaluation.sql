-- What a figure says of itself: which policy it was counted by, who kept it, whether it is the newest, by which rule
-- it was made, whether its deliveries are synthetic. And what the views say of today: `is_current` is valid today,
-- and a town has one name, its present one; the name of the day stands beside it.

-- ------------------------------------------------------------------ deliveries
ALTER TABLE ledger.delivery ADD COLUMN synthetic boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN ledger.delivery.synthetic IS
    '是否合成数据：按文件内容登记，与文件名无关 / whether the file is a generated one: known by its bytes, not by its name';
-- Of what arrived before, the name is the only witness.
UPDATE ledger.delivery SET synthetic = true WHERE concat_ws('/', file_name, member) ~* '合成|synthetic';

-- ------------------------------------------------------------------ evaluations
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

-- ------------------------------------------------------------------ labels
CREATE FUNCTION label.today() RETURNS date STABLE PARALLEL SAFE LANGUAGE sql AS
    $$ SELECT (now() AT TIME ZONE INTERVAL '8 hours')::date $$;

-- (A reader who calls these through a view has no right to the schema: none of them calls another.)
-- A version holds today: not before its first day, and not because its end is far away.
CREATE FUNCTION label.is_current(valid_from date, valid_to date) RETURNS boolean STABLE PARALLEL SAFE LANGUAGE sql AS
    $$ SELECT (now() AT TIME ZONE INTERVAL '8 hours')::date >= $1 AND (now() AT TIME ZONE INTERVAL '8 hours')::date < $2 $$;

-- The day on which a version's belonging is read: today if it still holds, else its last day.
CREATE FUNCTION label.last_day(valid_from date, valid_to date) RETURNS date STABLE PARALLEL SAFE LANGUAGE sql AS
    $$ SELECT greatest($1, least($2 - 1, (now() AT TIME ZONE INTERVAL '8 hours')::date)) $$;

-- What a town is called today: by the last version that has begun, or by the first that will.
CREATE VIEW label.town_now AS
SELECT DISTINCT ON (area_key) area_key, area_name
  FROM star.dim_area
 WHERE area_level IN ('district', 'town', 'virtual')
 ORDER BY area_key, valid_from > label.today(), abs(valid_from - label.today());

-- As in 0004, but a town has one name whatever the day: the one of today. Its name of the day is town_name_then.
CREATE OR REPLACE VIEW label.place AS
SELECT a.area_key,
       greatest(a.from_on, coalesce(t.from_on, '-infinity')) AS from_on,
       least(a.to_on, coalesce(t.to_on, 'infinity')) AS to_on,
       a.area_code, a.area_name, a.area_level, a.urban_rural_class,
       o.town_key,
       CASE WHEN own THEN a.area_code ELSE t.area_code END AS town_code,
       coalesce(n.area_name, label.unknown(a.parent_area_key)) AS town_name,
       CASE WHEN own THEN a.area_name ELSE coalesce(t.area_name, label.unknown(a.parent_area_key)) END AS town_name_then
  FROM label.area a
  LEFT JOIN label.area t
    ON t.area_key = a.parent_area_key AND t.area_level IN ('town', 'virtual')
   AND a.area_level IN ('community', 'village', 'virtual')
   AND a.from_on < t.to_on AND t.from_on < a.to_on
 CROSS JOIN LATERAL (SELECT a.area_level IN ('district', 'town')
                            OR (a.area_level = 'virtual' AND t.area_key IS NULL) AS own) w
 CROSS JOIN LATERAL (SELECT CASE WHEN own THEN a.area_key ELSE coalesce(t.area_key, a.parent_area_key) END AS town_key) o
  -- Not town_key: a parent that is no town (of a district's own community) has no town's name.
  LEFT JOIN label.town_now n ON n.area_key = CASE WHEN own THEN a.area_key ELSE t.area_key END;

CREATE OR REPLACE VIEW label.place_now AS
-- There is one stretch for today; DISTINCT tells the planner so, which then leaves out the lookup if nobody asks for it.
SELECT DISTINCT ON (area_key) area_key, area_code, area_name, town_key, town_code, town_name
  FROM label.place WHERE from_on <= label.today() AND label.today() < to_on ORDER BY area_key;

CREATE OR REPLACE VIEW label.place_span AS
SELECT area_key, array_agg(from_on ORDER BY from_on) AS from_on,
       array_agg(area_code ORDER BY from_on) AS area_code, array_agg(area_name ORDER BY from_on) AS area_name,
       array_agg(area_level ORDER BY from_on) AS area_level,
       array_agg(town_code ORDER BY from_on) AS town_code, array_agg(town_name ORDER BY from_on) AS town_name,
       array_agg(town_name_then ORDER BY from_on) AS town_name_then
  FROM label.place GROUP BY area_key;

-- ------------------------------------------------------------------ views
CREATE OR REPLACE VIEW bi.work_order AS
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
       w.source_at, w.delivery_id, w.row_no,
       coalesce(p.town_name_then[width_bucket(label.beijing(w.opened_at)::date, p.from_on)], label.unknown(w.area_key)) AS town_name_then
  FROM star.fact_work_order w
  LEFT JOIN label.place_span p ON p.area_key = w.area_key
  LEFT JOIN label.place_now n ON n.area_key = w.area_key
  LEFT JOIN label.category_now c ON c.category_key = w.category_key
  LEFT JOIN label.unit_now u ON u.unit_key = w.unit_key
  LEFT JOIN label.channel_now h ON h.channel_key = w.channel_key;

CREATE OR REPLACE VIEW bi.seat_change AS
SELECT f.change_id, s.school_id, coalesce(s.school_name, label.unknown(f.school_key)) AS school_name,
       s.running_type, f.stage, f.change_type, f.seats, f.effective_on, f.document_no,
       s.area_key, p.area_code, coalesce(p.area_name, label.unknown(coalesce(s.area_key, f.school_key))) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(coalesce(s.area_key, f.school_key))) AS town_name,
       f.delivery_id, f.row_no,
       coalesce(p.town_name_then, label.unknown(coalesce(s.area_key, f.school_key))) AS town_name_then
  FROM star.fact_seat_change f
  LEFT JOIN label.school s
    ON s.school_key = f.school_key AND f.effective_on >= s.from_on AND f.effective_on < s.to_on
  LEFT JOIN label.place p
    ON p.area_key = s.area_key AND f.effective_on >= p.from_on AND f.effective_on < p.to_on;

CREATE OR REPLACE VIEW bi.housing_milestone AS
SELECT f.project_id, f.project_name, f.lot_id, f.housing_type, f.milestone, f.milestone_on, f.units,
       f.area_key, p.area_code, coalesce(p.area_name, label.unknown(f.area_key)) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(f.area_key)) AS town_name,
       f.delivery_id, f.row_no,
       coalesce(p.town_name_then, label.unknown(f.area_key)) AS town_name_then
  FROM star.fact_housing_milestone f
  LEFT JOIN label.place p
    ON p.area_key = f.area_key AND f.milestone_on >= p.from_on AND f.milestone_on < p.to_on;

CREATE OR REPLACE VIEW bi.facility_month AS
SELECT c.facility_id, coalesce(c.facility_name, label.unknown(f.facility_key)) AS facility_name,
       c.facility_type, c.status, f.month, f.beds, f.nursing_beds, f.occupied,
       c.area_key, p.area_code, coalesce(p.area_name, label.unknown(coalesce(c.area_key, f.facility_key))) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(coalesce(c.area_key, f.facility_key))) AS town_name,
       f.delivery_id, f.row_no,
       coalesce(p.town_name_then, label.unknown(coalesce(c.area_key, f.facility_key))) AS town_name_then
  FROM star.fact_facility_month f
 CROSS JOIN LATERAL (SELECT (f.month + INTERVAL '1 month' - INTERVAL '1 day')::date AS last_day) d
  LEFT JOIN label.facility c
    ON c.facility_key = f.facility_key AND d.last_day >= c.from_on AND d.last_day < c.to_on
  LEFT JOIN label.place p
    ON p.area_key = c.area_key AND d.last_day >= p.from_on AND d.last_day < p.to_on;

CREATE OR REPLACE VIEW bi.property_contract AS
SELECT e.estate_id, coalesce(e.estate_name, label.unknown(f.estate_key)) AS estate_name, e.households,
       b.is_three_no AS was_three_no,
       f.firm_id, f.firm_name, f.management_mode, f.starts_on, f.ends_on,
       e.area_key, p.area_code, coalesce(p.area_name, label.unknown(coalesce(e.area_key, f.estate_key))) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(coalesce(e.area_key, f.estate_key))) AS town_name,
       f.delivery_id, f.row_no,
       coalesce(p.town_name_then, label.unknown(coalesce(e.area_key, f.estate_key))) AS town_name_then
  FROM star.fact_property_contract f
  LEFT JOIN label.estate e
    ON e.estate_key = f.estate_key AND f.starts_on >= e.from_on AND f.starts_on < e.to_on
  LEFT JOIN star.dim_estate b
    ON b.estate_key = f.estate_key AND f.starts_on - 1 >= b.valid_from AND f.starts_on - 1 < b.valid_to
  LEFT JOIN label.place p
    ON p.area_key = e.area_key AND f.starts_on >= p.from_on AND f.starts_on < p.to_on;

CREATE OR REPLACE VIEW bi.renewal AS
SELECT f.project_id, f.project_name, e.estate_id,
       coalesce(e.estate_name, label.unknown(f.estate_key)) AS estate_name,
       f.renewal_type, f.households, f.designated_on, f.completed_on,
       f.area_key, p.area_code, coalesce(p.area_name, label.unknown(f.area_key)) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(f.area_key)) AS town_name,
       f.delivery_id, f.row_no,
       coalesce(p.town_name_then, label.unknown(f.area_key)) AS town_name_then
  FROM star.fact_renewal f
 CROSS JOIN LATERAL (SELECT coalesce(f.completed_on, f.designated_on, DATE '9999-12-31') AS event_on) d
  LEFT JOIN label.estate e
    ON e.estate_key = f.estate_key AND d.event_on >= e.from_on AND d.event_on < e.to_on
  LEFT JOIN label.place p
    ON p.area_key = f.area_key AND d.event_on >= p.from_on AND d.event_on < p.to_on;

CREATE OR REPLACE VIEW bi.social_worker_month AS
SELECT f.area_key, p.area_code, coalesce(p.area_name, label.unknown(f.area_key)) AS area_name,
       p.town_code, coalesce(p.town_name, label.unknown(f.area_key)) AS town_name,
       f.month, f.community_workers, f.certified_community_workers,
       f.professionals, f.certified_professionals, f.delivery_id, f.row_no,
       coalesce(p.town_name_then, label.unknown(f.area_key)) AS town_name_then
  FROM star.fact_social_worker_month f
 CROSS JOIN LATERAL (SELECT (f.month + INTERVAL '1 month' - INTERVAL '1 day')::date AS last_day) d
  LEFT JOIN label.place p
    ON p.area_key = f.area_key AND d.last_day >= p.from_on AND d.last_day < p.to_on;

CREATE OR REPLACE VIEW bi.population_year AS
SELECT f.area_key, p.area_code, coalesce(p.area_name, label.unknown(f.area_key)) AS area_name, p.area_level,
       p.town_code, coalesce(p.town_name, label.unknown(f.area_key)) AS town_name,
       f.year, f.residents, f.basis, f.delivery_id, f.row_no,
       coalesce(p.town_name_then, label.unknown(f.area_key)) AS town_name_then
  FROM star.fact_population_year f
  LEFT JOIN label.place p
    ON p.area_key = f.area_key
   AND make_date(f.year, 12, 31) >= p.from_on AND make_date(f.year, 12, 31) < p.to_on;

CREATE OR REPLACE VIEW bi.area AS
SELECT a.area_key, a.area_code, a.area_name, a.area_level, t.town_code, t.town_name, n.town_name AS town_name_now,
       a.urban_rural_class, a.unit_type, a.is_etown,
       a.valid_from, nullif(a.valid_to, 'infinity') AS valid_to, label.is_current(a.valid_from, a.valid_to) AS is_current,
       a.delivery_id, a.row_no, p.town_name_then AS town_name_then
  FROM star.dim_area a
 CROSS JOIN LATERAL (SELECT label.last_day(a.valid_from, a.valid_to) AS last_on) l
  LEFT JOIN label.place p
    ON p.area_key = a.area_key AND a.valid_from >= p.from_on AND a.valid_from < p.to_on
  LEFT JOIN label.place t
    ON t.area_key = a.area_key AND l.last_on >= t.from_on AND l.last_on < t.to_on
  LEFT JOIN label.place_now n ON n.area_key = a.area_key;

CREATE OR REPLACE VIEW bi.school AS
SELECT d.school_id, d.school_name, d.school_category, d.running_type, d.uscc, d.status,
       d.area_key, p.area_code, coalesce(p.area_name, label.unknown(d.area_key)) AS area_name,
       t.town_code, coalesce(t.town_name, label.unknown(d.area_key)) AS town_name,
       d.valid_from, nullif(d.valid_to, 'infinity') AS valid_to, label.is_current(d.valid_from, d.valid_to) AS is_current,
       d.delivery_id, d.row_no, coalesce(p.town_name_then, label.unknown(d.area_key)) AS town_name_then
  FROM star.dim_school d
 CROSS JOIN LATERAL (SELECT label.last_day(d.valid_from, d.valid_to) AS last_on) l
  LEFT JOIN label.place p
    ON p.area_key = d.area_key AND d.valid_from >= p.from_on AND d.valid_from < p.to_on
  LEFT JOIN label.place t
    ON t.area_key = d.area_key AND l.last_on >= t.from_on AND l.last_on < t.to_on;

CREATE OR REPLACE VIEW bi.institution AS
SELECT d.institution_id, d.institution_name, d.uscc, d.category_code, d.management_class, d.beds, d.technicians,
       d.registered_on, d.deregistered_on, d.status, d.longitude, d.latitude,
       d.area_key, p.area_code, coalesce(p.area_name, label.unknown(d.area_key)) AS area_name,
       t.town_code, coalesce(t.town_name, label.unknown(d.area_key)) AS town_name,
       coalesce(n.town_name, label.unknown(d.area_key)) AS town_name_now,
       d.valid_from, nullif(d.valid_to, 'infinity') AS valid_to, label.is_current(d.valid_from, d.valid_to) AS is_current,
       d.delivery_id, d.row_no, coalesce(p.town_name_then, label.unknown(d.area_key)) AS town_name_then
  FROM star.dim_institution d
 CROSS JOIN LATERAL (SELECT label.last_day(d.valid_from, d.valid_to) AS last_on) l
  LEFT JOIN label.place p
    ON p.area_key = d.area_key AND d.valid_from >= p.from_on AND d.valid_from < p.to_on
  LEFT JOIN label.place t
    ON t.area_key = d.area_key AND l.last_on >= t.from_on AND l.last_on < t.to_on
  LEFT JOIN label.place_now n ON n.area_key = d.area_key;

CREATE OR REPLACE VIEW bi.facility AS
SELECT d.facility_id, d.facility_name, d.filing_no, d.facility_type, d.opened_on, d.closed_on, d.status,
       d.area_key, p.area_code, coalesce(p.area_name, label.unknown(d.area_key)) AS area_name,
       t.town_code, coalesce(t.town_name, label.unknown(d.area_key)) AS town_name,
       coalesce(n.town_name, label.unknown(d.area_key)) AS town_name_now,
       d.valid_from, nullif(d.valid_to, 'infinity') AS valid_to, label.is_current(d.valid_from, d.valid_to) AS is_current,
       d.delivery_id, d.row_no, coalesce(p.town_name_then, label.unknown(d.area_key)) AS town_name_then
  FROM star.dim_facility d
 CROSS JOIN LATERAL (SELECT label.last_day(d.valid_from, d.valid_to) AS last_on) l
  LEFT JOIN label.place p
    ON p.area_key = d.area_key AND d.valid_from >= p.from_on AND d.valid_from < p.to_on
  LEFT JOIN label.place t
    ON t.area_key = d.area_key AND l.last_on >= t.from_on AND l.last_on < t.to_on
  LEFT JOIN label.place_now n ON n.area_key = d.area_key;

CREATE OR REPLACE VIEW bi.organisation AS
SELECT d.registration_no, d.organisation_name, d.uscc, d.organisation_type, d.is_town_federation,
       d.founded_on, d.deregistered_on, d.status, d.status_on, d.registrar,
       d.area_key, p.area_code, coalesce(p.area_name, label.unknown(d.area_key)) AS area_name,
       t.town_code, coalesce(t.town_name, label.unknown(d.area_key)) AS town_name,
       d.valid_from, nullif(d.valid_to, 'infinity') AS valid_to, label.is_current(d.valid_from, d.valid_to) AS is_current,
       d.delivery_id, d.row_no, coalesce(p.town_name_then, label.unknown(d.area_key)) AS town_name_then
  FROM star.dim_organisation d
 CROSS JOIN LATERAL (SELECT label.last_day(d.valid_from, d.valid_to) AS last_on) l
  LEFT JOIN label.place p
    ON p.area_key = d.area_key AND d.valid_from >= p.from_on AND d.valid_from < p.to_on
  LEFT JOIN label.place t
    ON t.area_key = d.area_key AND l.last_on >= t.from_on AND l.last_on < t.to_on;

CREATE OR REPLACE VIEW bi.estate AS
SELECT d.estate_id, d.estate_name, d.households, d.built_year, d.is_three_no, d.is_old_estate,
       d.area_key, p.area_code, coalesce(p.area_name, label.unknown(d.area_key)) AS area_name,
       t.town_code, coalesce(t.town_name, label.unknown(d.area_key)) AS town_name,
       d.valid_from, nullif(d.valid_to, 'infinity') AS valid_to, label.is_current(d.valid_from, d.valid_to) AS is_current,
       d.delivery_id, d.row_no, coalesce(p.town_name_then, label.unknown(d.area_key)) AS town_name_then
  FROM star.dim_estate d
 CROSS JOIN LATERAL (SELECT label.last_day(d.valid_from, d.valid_to) AS last_on) l
  LEFT JOIN label.place p
    ON p.area_key = d.area_key AND d.valid_from >= p.from_on AND d.valid_from < p.to_on
  LEFT JOIN label.place t
    ON t.area_key = d.area_key AND l.last_on >= t.from_on AND l.last_on < t.to_on;

CREATE OR REPLACE VIEW bi.indicator_value AS
SELECT f.evaluation_id, e.as_of, e.seq, c.at AS known_at, e.evaluated_at,
       i.indicator_id AS indicator_code, s.name_zh, s.name_en, s.unit_zh, s.unit_en, s.computable,
       f.value, f.numerator, f.denominator, f.baseline, f.half_width, f.target, f.progress, f.time_progress,
       f.status, f.reasons, f.completeness, f.quarantined_share, f.is_provisional, f.definition_version,
       e.policy, e.who, e.is_latest, f.definition_hash
  FROM star.fact_indicator_value f
  -- The newest is what most was known for, whichever was kept last.
  JOIN (SELECT v.*, row_number() OVER (PARTITION BY v.as_of, v.policy ORDER BY v.seq DESC, v.evaluation_id DESC) = 1 AS is_latest
          FROM ledger.evaluation v) e USING (evaluation_id)
  LEFT JOIN ledger.commit c ON c.seq = e.seq
  LEFT JOIN registry.indicator i ON i.indicator_key = f.indicator_key
  LEFT JOIN plan.statement s ON s.indicator_code = i.indicator_id;

CREATE OR REPLACE VIEW bi.delivery AS
SELECT d.delivery_id, d.feed, d.department,
       coalesce(n.name_zh, CASE WHEN d.department IS NULL THEN '未提供' ELSE d.department END) AS department_zh,
       n.name_en AS department_en,
       d.mode, d.period_start, d.period_end, d.file_name, d.member, d.received_at, d.state, d.seq,
       d.rows, d.loaded, d.unchanged, d.duplicate, d.retracted, d.quarantined, d.totals_dropped, d.closed,
       (SELECT count(*) FROM ledger.quarantine q
         WHERE q.delivery_id = d.delivery_id AND q.resolved_by IS NULL) AS quarantined_open,
       d.contract_hash, d.supersedes, d.sha256, d.synthetic
  FROM ledger.delivery d
  LEFT JOIN registry.department r ON r.department_id = d.department
  LEFT JOIN (SELECT DISTINCT ON (department_key) department_key, name_zh, name_en
               FROM star.dim_department ORDER BY department_key, valid_from DESC) n USING (department_key);

-- One name has one meaning in every view.
DO $$
DECLARE c record;
BEGIN
    FOR c IN
        SELECT a.attrelid::regclass AS view, a.attname AS name, m.text
          FROM pg_attribute a JOIN pg_class k ON k.oid = a.attrelid
          JOIN (VALUES
            ('definition_hash', '定义摘要（参数与查询文本）/ digest of the definition: parameters and query'),
            ('is_current', '今日是否有效 / version holds today'),
            ('is_latest', '是否该时点该口径所知最新 / whether it is the one that most was known for, of its day and policy'),
            ('policy', '三率考核口径 / score policy'),
            ('synthetic', '是否合成数据 / synthetic data'),
            ('town_name', '镇街（当时所属镇街的现名，一镇一名；版本视图取其末日或今日）/ the town then, under the one name it has today; of versions that of their last day or today'),
            ('town_name_then', '镇街当时的名称（版本视图为起始日）/ what the town was called then; of versions on their first day'),
            ('who', '保存人 / who kept it')
          ) m (name, text) ON m.name = a.attname
         WHERE k.relnamespace = 'bi'::regnamespace AND k.relkind = 'v' AND a.attnum > 0
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', c.view, c.name, c.text);
    END LOOP;
END $$;

GRANT CREATE ON SCHEMA label TO minsheng_bi_owner;
ALTER VIEW label.town_now OWNER TO minsheng_bi_owner;
REVOKE CREATE ON SCHEMA label FROM minsheng_bi_owner;
