"""Ways to spoil a figure, on the sample's warehouse: what the figure says of it (docs/indicators.md has the table).

The rows of the spoiled files are the simulation's own; only what a test is about is wrong.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from minsheng_sample.compose import Record, compose
from minsheng_sample.demo import accept
from minsheng_sample.district.world import World
from minsheng_sample.dress.style import Style
from minsheng_sample.figures import DEFAULT_SEED
from minsheng_sample.timeline import Period, Row, Span, month
from minsheng_sample.write import write_sample

from etl import ledger
from etl.context import Context
from etl.contract import load_contracts
from etl.database import SQL, sql_file
from etl.database.prepare import prepare
from etl.errors import MinshengError
from etl.evaluate import Evaluation, IndicatorValue, Reading, evaluate, save
from etl.evaluate.run import schedules
from etl.ingest import carry, ingest
from etl.ledger import Delivery
from etl.plan import Plan, load_plan
from etl.settings import Settings
from tests.conftest import copied, copy_of
from tests.make import write_csv

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

HEALTH, PROFESSIONALS = "hlt_institutions_total", "civ_social_work_professionals"
PROPERTY = "hsg_property_mgmt_coverage"
END = date(2022, 12, 31)
FEEDS = {
    "reference.division", "reference.population", "reference.declaration", "reference.plan_target",
    "health.institution", "civil_affairs.social_worker_month", "housing.estate", "housing.property_contract",
    "hotline.work_order",
}  # fmt: skip
SPAN = Span(2018, 2022)
ORDERS = 400


@dataclass
class Warehouse:
    """A copy of the sample's warehouse, and the world that its files tell of."""

    ctx: Context
    world: World
    folder: Path

    def send(self, feed: str, period: Period, rows: Sequence[Row], word: str = "") -> Delivery:
        """Load a file of these rows."""
        contract = load_contracts()[feed]
        stem = f"{contract.name_zh}_{period.label}{word}"
        composed = compose(contract, period, Style("csv"), [Record(row) for row in rows], stem)
        path = self.folder / feed.replace(".", "/") / composed.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(composed.content)
        (delivery,) = accept(ingest([path], feed=feed, ctx=self.ctx), self.ctx)
        return delivery

    def send_as_is(self, feed: str, period: Period, rows: Sequence[dict[str, Any]]) -> Delivery:
        """Load a file of these cells, written as they are."""
        contract = load_contracts()[feed]
        path = self.folder / f"{contract.name_zh}_{period.label}.csv"
        write_csv(
            path, [contract.by_name[n].title_zh for n in rows[0]], [[*r.values()] for r in rows]
        )
        (delivery,) = accept(ingest([path], feed=feed, ctx=self.ctx), self.ctx)
        return delivery

    def release(self, held: Delivery) -> Delivery:
        """Let a held delivery pass."""
        return carry(ledger.release(held.delivery_id, "test", self.ctx), self.ctx)

    def evaluation(self, as_of: date = END, **options: Any) -> Evaluation:
        """The evaluation of a day."""
        return evaluate(as_of, settings=self.ctx.settings, **options)

    def execute(self, text: str, **values: Any) -> Sequence[Any]:
        """One statement, kept."""
        with self.ctx.engine.begin() as connection:
            result = connection.execute(sa.text(text), values)
            return result.all() if result.returns_rows else []


@pytest.fixture(scope="module")
def sample(
    server: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Context]:
    """The sample's warehouse, which each test copies."""
    folder, home = tmp_path_factory.mktemp("sample"), tmp_path_factory.mktemp("home")
    manifest = write_sample(folder, first=SPAN.first, last=SPAN.last, orders=ORDERS)
    entries = [e for part in ("history", "newest") for e in manifest[part] if e["feed"] in FEEDS]  # type: ignore[attr-defined]
    with copy_of(server, template) as engine:
        prepare(engine)
        url = engine.url.render_as_string(hide_password=False)
        env = {"MINSHENG_HOME": str(home), "MINSHENG_DATABASE_URL": url}
        ctx = Context.of(Settings.load(env))
        done = accept(ingest([folder / entry["path"] for entry in entries], ctx=ctx), ctx)
        assert {d.state for d in done} <= {"loaded", "duplicate"}
        yield ctx
        ctx.engine.dispose()


@pytest.fixture
def warehouse(server: str, sample: Context, tmp_path: Path) -> Iterator[Warehouse]:
    with copied(sample, server) as ctx:
        yield Warehouse(ctx, World(DEFAULT_SEED, SPAN, ORDERS), tmp_path)


def reason(indicator: IndicatorValue, code: str) -> str | None:
    """What a reason says in Chinese; None if it is not given."""
    return next((reason.message_zh for reason in indicator.reasons if reason.code == code), None)


def test_nothing_is_wrong_to_begin_with(warehouse: Warehouse) -> None:
    evaluated = warehouse.evaluation()
    for code in (HEALTH, PROPERTY):
        assert evaluated[code].completeness > 0.95  # some rows are in quarantine
        assert reason(evaluated[code], "missing_towns") is None
    assert not [
        code
        for indicator in evaluated.indicators
        for r in indicator.reasons
        if (code := r.code) == "jump"
    ]
    assert evaluated.synthetic


def test_a_total_among_the_towns_is_not_counted(warehouse: Warehouse) -> None:
    """Whatever it is called: two names for it, one of them a place, the other a word."""
    feed = "civil_affairs.social_worker_month"
    rows = [r | {"month": date(2023, 1, 1)} for r in warehouse.world.rows(feed, month(2022, 12))]
    numbers = [n for n in rows[0] if isinstance(rows[0][n], int)]
    total = rows[0] | {n: sum(int(row[n]) for row in rows) for n in numbers}
    totals = [total | {"town": "大兴区"}, total | {"town": "累计"}]
    sent = warehouse.send_as_is(feed, month(2023, 1), [*rows, *totals])
    assert (sent.loaded, sent.totals_dropped, sent.quarantined) == (len(rows), 2, 0)
    assert "total_row" in {r["rule"] for r in sent.reasons}
    indicator = warehouse.evaluation(date(2023, 1, 31))[PROFESSIONALS]
    assert indicator.value == sum(int(row["professionals"]) for row in rows)


def test_a_unit_that_is_not_the_columns_keeps_the_row_out(warehouse: Warehouse) -> None:
    feed = "civil_affairs.social_worker_month"
    rows = [r | {"month": date(2023, 1, 1)} for r in warehouse.world.rows(feed, month(2022, 12))]
    rows[0]["professionals"] = "130万元"
    sent = warehouse.send_as_is(feed, month(2023, 1), rows)
    assert (sent.loaded, sent.quarantined) == (len(rows) - 1, 1)
    (kept,) = warehouse.execute(
        "SELECT reasons -> 0 ->> 'found' AS found FROM ledger.quarantine WHERE delivery_id = :d",
        d=sent.delivery_id,
    )
    assert kept.found == "130万元"
    indicator = warehouse.evaluation(date(2023, 1, 31))[PROFESSIONALS]
    assert (indicator.provisional, reason(indicator, "open_quarantine")) == (True, "1行尚在隔离")


def test_a_period_in_the_future_is_held(warehouse: Warehouse) -> None:
    rows = warehouse.world.rows("health.institution", month(2022, 12))[:-1]
    before = warehouse.evaluation()[HEALTH].value
    sent = warehouse.send("health.institution", month(2062, 12), rows)
    assert (sent.state, "future_period" in {r["rule"] for r in sent.reasons}) == ("held", True)
    assert warehouse.evaluation()[HEALTH].value == before


def test_things_under_a_second_id_are_said_with_the_figure(warehouse: Warehouse) -> None:
    rows = warehouse.world.rows("health.institution", month(2022, 12))
    named = [row for row in rows if row["institution_name"] and row["status"] == "执业"][:5]
    again = [row | {"institution_id": f"{row['institution_id']}X"} for row in named]
    sent = warehouse.send("health.institution", month(2023, 1), [*rows, *again])
    warnings = [r["message_zh"] for r in sent.reasons if r["rule"] == "second_id"]
    assert f"{named[0]['institution_id']}X" in "".join(warnings)
    indicator = warehouse.evaluation(date(2023, 1, 31))[HEALTH]
    assert indicator.value == sum(row["status"] == "执业" for row in rows) + 5
    assert reason(indicator, "second_id")


def test_a_missing_town_is_told_by_name(warehouse: Warehouse) -> None:
    rows = warehouse.world.rows("health.institution", month(2022, 12))
    towns = [str(row["division_code"])[:9] for row in rows]
    town = max(set(towns), key=towns.count)
    less = [row for row in rows if str(row["division_code"])[:9] != town]
    held = warehouse.send("health.institution", month(2023, 1), less)
    assert (held.state, held.reasons[-1]["rule"]) == ("held", "closing")
    assert warehouse.release(held).state == "loaded"
    indicator = warehouse.evaluation(date(2023, 1, 31))[HEALTH]
    assert indicator.value == sum(row["status"] == "执业" for row in less)
    (name,) = warehouse.execute(
        "SELECT area_name FROM bi.area WHERE area_code = :t AND is_current", t=town + "000"
    )[0]
    count = len(set(towns))
    assert indicator.completeness == pytest.approx(1 - 1 / count)
    assert indicator.provisional
    assert reason(indicator, "missing_towns") == f"{count}个镇街中1个未报：{name}"
    assert reason(warehouse.evaluation(END)[HEALTH], "missing_towns") is None


def test_a_day_is_not_a_month(warehouse: Warehouse) -> None:
    last = "feed = 'hotline.work_order' AND period_end > DATE '2022-11-30'"
    warehouse.execute(
        f"UPDATE ledger.delivery SET period_start = DATE '2022-12-05', period_end = DATE '2022-12-05' WHERE {last}"
    )
    indicator = warehouse.evaluation(hotline=True, policy="calendar-month")["hot_orders_dispatched"]
    assert 0.8 / 31 < indicator.completeness <= 1 / 31  # some orders are in quarantine
    assert (
        reason(indicator, "missing_days") == "hotline.work_order 缺30天（2022-12-01..2022-12-31）"
    )
    assert indicator.provisional


def test_a_snapshot_holds_no_further_than_its_arrival(warehouse: Warehouse) -> None:
    warehouse.execute(
        "UPDATE ledger.delivery SET received_at = TIMESTAMPTZ '2022-12-11 10:00+08'"
        " WHERE feed = 'health.institution' AND period_end = DATE '2022-12-31'"
    )
    indicator = warehouse.evaluation()[HEALTH]
    assert (
        reason(indicator, "missing_days") == "health.institution 缺20天（2022-12-12..2022-12-31）"
    )
    assert indicator.completeness == pytest.approx(11 / 31, rel=0.01)  # some rows are in quarantine


def test_a_period_in_the_future_is_not_today(warehouse: Warehouse) -> None:
    """The loader holds such a file; were it released, what it closes in 2062 is still there today."""
    current = "SELECT count(*) FROM bi.institution WHERE is_current"
    before = warehouse.execute(current)
    warehouse.execute(
        "UPDATE star.dim_institution SET valid_to = DATE '2062-12-31' WHERE valid_to = 'infinity'"
    )
    assert warehouse.execute(current) == before
    warehouse.execute(
        "UPDATE ledger.delivery SET period_start = DATE '2062-12-01', period_end = DATE '2062-12-31'"
        " WHERE feed = 'health.institution' AND period_end = DATE '2022-12-31'"
    )
    assert warehouse.evaluation()[HEALTH].value is None  # 2062 says nothing of 2022


def test_a_slipped_digit_is_a_jump_with_its_row(warehouse: Warehouse) -> None:
    of_december = warehouse.world.rows("civil_affairs.social_worker_month", month(2022, 12))
    rows = [row | {"month": date(2023, 1, 1)} for row in of_december]
    wrong = rows[2]
    before = int(wrong["professionals"])
    wrong["professionals"] = before * 10
    sent = warehouse.send("civil_affairs.social_worker_month", month(2023, 1), rows)
    assert sent.state == "loaded"
    warning = reason(warehouse.evaluation(date(2023, 1, 31))[PROFESSIONALS], "jump")
    assert warning is not None
    assert f"变为 {before * 10:,}" in warning
    assert f"#{sent.delivery_id} {sent.file_name} 行 row 4" in warning  # the header is row 1


def test_an_old_declaration_shows_its_age(warehouse: Warehouse) -> None:
    evaluated = warehouse.evaluation()
    ages = [
        message
        for indicator in evaluated.indicators
        if (message := reason(indicator, "old_declaration"))
    ]
    assert len(ages) > 10
    assert set(ages) == {"申报于 2020-12-31，距评估时点730天"}
    now = warehouse.evaluation(date(2020, 12, 31))
    assert not [indicator for indicator in now.indicators if reason(indicator, "old_declaration")]


def test_a_kept_target_is_met_as_its_comparator_says(warehouse: Warehouse) -> None:
    before = warehouse.evaluation()[PROPERTY]
    assert before.value is not None
    assert 0.95 < before.value < 1
    _target(warehouse, PROPERTY, 0.95)
    indicator = warehouse.evaluation()[PROPERTY]
    assert (indicator.target, indicator.status, indicator.progress) == (0.95, "已完成", 1.0)
    # The data gate holds for it, too.
    warehouse.execute(
        "UPDATE ledger.delivery SET received_at = period_start + INTERVAL '12 hours'"
        " WHERE feed IN ('housing.estate', 'housing.property_contract') AND period_end = DATE '2022-12-31'"
    )
    gated = warehouse.evaluation()[PROPERTY]
    assert (gated.status, reason(gated, "incomplete")) == ("不可评", "完整度低于80%")


def test_a_quarantined_target_is_said(warehouse: Warehouse) -> None:
    open_keys = warehouse.execute(
        "SELECT business_key FROM ledger.quarantine WHERE feed = 'reference.plan_target' AND resolved_by IS NULL"
    )
    codes = {str(row.business_key).split("|", maxsplit=1)[0] for row in open_keys}
    evaluated = warehouse.evaluation()
    shown = {
        c: evaluated[c] for c in codes if c in {o.statement.code for o in evaluated.indicators}
    }
    assert shown
    for indicator in shown.values():
        assert reason(indicator, "target_in_quarantine")
        assert reason(indicator, "no_target") is None
        assert indicator.target is not None or indicator.status == "不可评"


def test_held_targets_and_declarations_are_said(warehouse: Warehouse) -> None:
    # No verb does this: without the guard of the states.
    warehouse.execute("ALTER TABLE ledger.delivery DISABLE TRIGGER guard_state")
    warehouse.execute(
        "UPDATE ledger.delivery SET state = 'held' WHERE feed LIKE 'reference.%' AND feed ~ 'target|declaration'"
    )
    warehouse.execute("DELETE FROM star.fact_target")
    warehouse.execute("DELETE FROM star.fact_declaration")
    evaluated = warehouse.evaluation()
    assert reason(evaluated[HEALTH], "target_held")
    assert (evaluated[HEALTH].status, reason(evaluated[HEALTH], "no_target")) == ("不可评", None)
    declared = evaluated["gov_typical_work_models"]
    assert reason(declared, "declaration_held")
    assert (declared.status, reason(declared, "undeclared")) == ("不可评", None)


def test_a_changed_definition_needs_a_version(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = warehouse.ctx
    with ctx.engine.begin() as connection:
        assert save(connection, Reading(connection, schedules(ctx), END).evaluation(), "张三")
    _with(monkeypatch, definition={"statuses": ["执业", "停业"], "excluded_categories": []})
    with ctx.engine.begin() as connection:
        changed = Reading(connection, schedules(ctx), date(2021, 12, 31)).evaluation()
        assert reason(changed[HEALTH], "definition_unversioned")
        with pytest.raises(MinshengError, match=HEALTH) as refused:
            save(connection, changed)
    assert "definition_version" in str(refused.value)
    moment = warehouse.execute("SELECT max(at) AS at FROM ledger.commit")[0].at
    with pytest.raises(MinshengError, match=HEALTH):
        evaluate(END, moment, settings=ctx.settings)
    _with(
        monkeypatch,
        definition={"statuses": ["执业", "停业"], "excluded_categories": []},
        definition_version="2",
    )
    assert evaluate(END, moment, settings=ctx.settings)[HEALTH].statement.definition_version == "2"
    with ctx.engine.begin() as connection:
        assert save(
            connection, Reading(connection, schedules(ctx), date(2021, 12, 31)).evaluation()
        )
    kept = warehouse.execute("SELECT DISTINCT who FROM bi.indicator_value WHERE as_of = :d", d=END)
    assert kept == [("张三",)]


def test_a_renamed_town_has_one_name(warehouse: Warehouse) -> None:
    town = "SELECT town_code, town_name FROM bi.institution WHERE is_current AND town_code IS NOT NULL GROUP BY 1, 2 ORDER BY 1"
    before = warehouse.execute(town)
    code = before[0].town_code
    warehouse.execute(
        "WITH old AS (UPDATE star.dim_area SET valid_to = DATE '2022-07-01'"
        " WHERE area_code = :c AND valid_to = 'infinity' RETURNING *)"
        " INSERT INTO star.dim_area SELECT area_key, area_code, '新名街道', area_level, parent_area_key, urban_rural_class,"
        " unit_type, is_etown, DATE '2022-07-01', 'infinity', known_from, delivery_id, row_no FROM old",
        c=code,
    )
    for view in ("institution", "estate", "population_year", "work_order", "social_worker_month"):
        names = warehouse.execute(
            f"SELECT DISTINCT town_name, town_name_then FROM bi.{view} WHERE town_code = :c", c=code
        )
        assert {row.town_name for row in names} == {"新名街道"}, view
    assert {row.town_name_then for row in names} - {"新名街道"}
    (path,) = (SQL / "questions").glob("q04_*.sql")
    with warehouse.ctx.engine.connect() as connection:
        rows = connection.execute(
            sa.text(sql_file(path)),
            {"year_from": 2018, "year_to": 2022, "boundary_on": date(2020, 12, 31)},
        ).all()
    for boundaries in ("then", "today"):
        names_of = {row.town_name for row in rows if row.boundaries == boundaries} - {"未知"}
        assert len(names_of) == len(before)
        assert "新名街道" in names_of


def test_a_past_day_is_read_from_the_later_register(warehouse: Warehouse) -> None:
    indicator = warehouse.evaluation(date(2021, 12, 31))[HEALTH]
    # By hand: what the next list holds, as far as it was registered by the end of 2021.
    (after,) = warehouse.execute(
        "SELECT min(period_end) FROM ledger.delivery WHERE feed = 'health.institution' AND period_end > DATE '2021-12-31'"
    )[0]
    (there,) = warehouse.execute(
        "SELECT count(*) FROM star.dim_institution WHERE :after BETWEEN valid_from AND valid_to - 1"
        " AND status = '执业' AND coalesce(registered_on, '-infinity') <= DATE '2021-12-31'"
        " AND coalesce(deregistered_on, 'infinity') > DATE '2021-12-31'",
        after=after,
    )[0]
    expected = f"health.institution 没有本时点的台账，按 {after} 的台账推算"
    assert reason(indicator, "basis_later_register") == expected
    assert indicator.value == there
    true = warehouse.world.rows("health.institution", month(2021, 12))
    assert indicator.value == pytest.approx(sum(row["status"] == "执业" for row in true), rel=0.06)
    assert reason(indicator, "no_data") is None


def _target(warehouse: Warehouse, code: str, value: float) -> None:
    """A target that a person supplies, as a file."""
    names = (
        "indicator_code plan_code target_on target_value comparator nature basis supplied_on definition_version"
    ).split()
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(names)
    rows.writerow([code, "test", "2025-12-31", value, "gte", "预期性", "user_supplied", "2022-01-01", "1"])  # fmt: skip
    path = warehouse.folder / "plan_targets_2022-01-01.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    (delivery,) = ingest([path], feed="reference.plan_target", ctx=warehouse.ctx)
    assert delivery.state == "held"
    delivery = warehouse.release(delivery)
    assert (delivery.state, delivery.loaded) == ("loaded", 1), delivery.reasons


def _with(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Change the definition of one indicator, as an edit of its file does."""
    plan = load_plan()
    statements = tuple(
        replace(statement, **changes) if statement.code == HEALTH else statement
        for statement in plan.statements
    )
    edited: Callable[[], Plan] = lambda: replace(plan, statements=statements)  # noqa: E731
    for module in ("known", "save", "receipts"):
        monkeypatch.setattr(import_module(f"etl.evaluate.{module}"), "load_plan", edited)
