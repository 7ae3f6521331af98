"""Facts against a model: the newest snapshot speaks, quarantine is no absence, the past stays readable."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.ingest import ingest
from etl.settings import Settings
from tests.make import write_csv

HEADER = ["小区", "企业", "开始", "名称"]
Facts = dict[tuple[str, str], str]


@pytest.fixture
def ctx(ingest_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.setenv("MINSHENG_FEEDS", str(Path(__file__).parents[2] / "feeds"))
    return Context.of(Settings.load())


@pytest.fixture
def send(ctx: Context, tmp_path: Path):
    sent = 0

    def send(day: date, rows: list[list[str | None]], word: str = "") -> ledger.Delivery:
        nonlocal sent
        sent += 1
        path = write_csv(tmp_path / f"模型合同{word}_{day:%Y%m%d}_{sent}.csv", HEADER, rows)
        done = ingest([path], ctx=ctx)[0]
        assert done.state != "failed", done.reasons
        return done

    return send


def star(ctx: Context, known: int | None = None) -> Facts:
    query = sa.text(
        "SELECT r.estate_id, f.firm_id, f.firm_name FROM known.fact_property_contract AS f"
        " JOIN registry.estate AS r USING (estate_key) WHERE known_from <= :k AND :k < known_to"
    )
    with ctx.engine.connect() as connection:
        rows = connection.execute(query, {"k": 2**62 if known is None else known}).all()
    assert len({(e, f) for e, f, _ in rows}) == len(rows)
    return {(e, f): n for e, f, n in rows}


def row(estate: str, firm: str, name: str, start: str | None = "2020-01-01") -> list[str | None]:
    return [estate, firm, start, name]


@pytest.mark.parametrize("seed", range(4))
def test_snapshots_in_any_order(ctx: Context, send, seed: int) -> None:
    rng = random.Random(seed)
    accepted: dict[date, Facts] = {}
    remembered: dict[int, Facts] = {}
    for _ in range(10):
        day = date(2020, rng.randint(1, 6), 28)
        facts = {
            (f"E{rng.randint(1, 4)}", f"F{rng.randint(1, 2)}"): rng.choice("甲乙")
            for _ in range(rng.randint(1, 6))
        }
        done = send(day, [row(e, f, n) for (e, f), n in sorted(facts.items())])
        assert done.state in ("loaded", "duplicate"), done.reasons
        accepted[day] = facts
        assert star(ctx) == accepted[max(accepted)]
        if done.seq:
            remembered[done.seq] = star(ctx)
    for seq, then in remembered.items():
        assert star(ctx, known=seq) == then


@pytest.mark.parametrize("few", [0, 50_000])
def test_what_is_in_quarantine_is_not_absent(
    ctx: Context, send, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("etl.load.work.FEW", few)
    send(date(2020, 1, 31), [row("E1", "F1", "甲"), row("E2", "F1", "乙"), row("E3", "F1", "丙")])
    done = send(date(2020, 2, 29), [row("E1", "F1", "甲"), row("E2", "F1", "乙", start="不详")])
    assert (done.rows, done.unchanged, done.quarantined, done.closed) == (2, 1, 1, 1)
    assert star(ctx) == {("E1", "F1"): "甲", ("E2", "F1"): "乙"}


def test_nothing_is_absent_where_a_key_is_unreadable(ctx: Context, send) -> None:
    send(date(2020, 1, 31), [row("E1", "F1", "甲"), row("E2", "F1", "乙")])
    done = send(date(2020, 2, 29), [row("E1", "F1", "甲"), [None, "F1", "2020-01-01", "乙"]])
    assert (done.quarantined, done.closed) == (1, 0)
    assert "absence_unknown" in {r["rule"] for r in done.reasons}
    assert len(star(ctx)) == 2


def test_a_correction_closes_the_quarantine_entry(ctx: Context, send) -> None:
    first = send(
        date(2020, 1, 31), [row("E1", "F1", "甲"), row("E2", "F1", "乙", start="2020-13-41")]
    )
    assert (first.loaded, first.quarantined) == (1, 1)
    second = send(date(2020, 1, 31), [row("E2", "F1", "乙", start="2020-03-01")], word="更正")
    assert (second.mode, second.loaded, second.closed) == ("correction", 1, 0)
    assert star(ctx) == {("E1", "F1"): "甲", ("E2", "F1"): "乙"}
    with ctx.engine.connect() as connection:
        entries = connection.execute(
            sa.text("SELECT business_key, resolved_by FROM ledger.quarantine")
        ).all()
    assert entries == [("E2|F1", second.delivery_id)]


def test_a_late_older_snapshot_tells_only_of_what_the_newer_could_not_read(
    ctx: Context, send
) -> None:
    send(date(2020, 2, 29), [row("E1", "F1", "新"), row("E2", "F1", "x", start="坏")])
    send(date(2020, 1, 31), [row("E1", "F1", "旧"), row("E2", "F1", "旧"), row("E3", "F1", "旧")])
    assert star(ctx) == {("E1", "F1"): "新", ("E2", "F1"): "旧"}


def test_a_retraction_takes_rows_back_and_history_keeps_them(ctx: Context, send) -> None:
    first = send(date(2020, 1, 31), [row("E1", "F1", "甲"), row("E2", "F1", "乙")])
    second = send(date(2020, 1, 31), [row("E2", "F1", "乙")], word="撤回")
    assert (second.mode, second.rows, second.retracted, second.loaded) == ("retraction", 1, 1, 0)
    assert star(ctx) == {("E1", "F1"): "甲"}
    assert len(star(ctx, known=first.seq)) == 2


def test_repeated_rows_are_dropped_and_contradictions_quarantined(ctx: Context, send) -> None:
    done = send(
        date(2020, 1, 31),
        [
            row("E1", "F1", "甲"),
            row("E1", "F1", "甲"),
            row("E2", "F1", "乙"),
            row("E2", "F1", "丙"),
            row("E3", "F1", "丁"),
        ],
    )
    assert (done.rows, done.loaded, done.duplicate, done.quarantined) == (5, 2, 1, 2)
    assert star(ctx) == {("E1", "F1"): "甲", ("E3", "F1"): "丁"}


def test_the_same_content_again_does_nothing(ctx: Context, send) -> None:
    rows = [row("E1", "F1", "甲")]
    send(date(2020, 1, 31), rows)
    again = send(date(2020, 1, 31), rows)
    assert again.state == "duplicate"
    assert ledger.newest_commit(ctx) == 1


def test_a_reverted_delivery_is_no_duplicate(ctx: Context, send) -> None:
    for name in ("甲", "乙", "甲"):
        assert send(date(2020, 1, 31), [row("E1", "F1", name)]).state == "loaded"
        assert star(ctx) == {("E1", "F1"): name}


ORDER_HEADER = [
    "工单编号",
    "一级分类",
    "被反映街乡镇",
    "承办单位",
    "来电时间",
    "办结时间",
    "更新时间",
]


def order(number: str, updated: str, closed: str | None = None) -> list[str | None]:
    return [number, "住房", "旧宫镇", "旧宫镇人民政府", "2024-01-02 08:00:00", closed, updated]


@pytest.fixture
def send_orders(ctx: Context, tmp_path: Path):
    def send(name: str, rows: list[list[str | None]]) -> ledger.Delivery:
        path = write_csv(tmp_path / f"{name}.csv", ORDER_HEADER, rows)
        done = ingest([path], feed="hotline.work_order", ctx=ctx)[0]
        assert done.state != "failed", done.reasons
        return done

    return send


def closed_at(ctx: Context) -> dict[str, str | None]:
    query = "SELECT order_id, to_char(closed_at, 'YYYY-MM-DD') FROM star.fact_work_order"
    with ctx.engine.connect() as connection:
        return dict(connection.execute(sa.text(query)).all())


def test_the_source_s_own_time_decides_whatever_arrives_first(ctx: Context, send_orders) -> None:
    send_orders(
        "接诉即办工单_2024-02-01", [order("W1", "2024-02-01 10:00:00", "2024-01-31 09:00:00")]
    )
    late = send_orders("接诉即办工单_2024-02-02", [order("W1", "2024-01-10 10:00:00")])
    assert (late.loaded, late.unchanged, late.superseded) == (0, 0, 1)
    assert [r["deliveries"] for r in late.reasons if r["rule"] == "superseded"] == [[1]]
    assert closed_at(ctx) == {"W1": "2024-01-31"}
    newer = send_orders(
        "接诉即办工单_2024-01-15", [order("W1", "2024-02-03 10:00:00", "2024-02-02 09:00:00")]
    )
    assert newer.loaded == 1
    assert closed_at(ctx) == {"W1": "2024-02-02"}


def test_of_several_versions_in_one_file_the_newest_is_loaded(ctx: Context, send_orders) -> None:
    done = send_orders(
        "接诉即办工单_2024-02-01",
        [
            order("W1", "2024-01-03 10:00:00"),
            order("W1", "2024-02-01 10:00:00", "2024-01-31 09:00:00"),
            order("W2", "2024-01-03 10:00:00"),
            order("W2", "2024-01-03 10:00:00", "2024-01-03 09:00:00"),
        ],
    )
    assert (done.rows, done.loaded, done.duplicate, done.quarantined) == (4, 1, 1, 2)
    assert closed_at(ctx) == {"W1": "2024-01-31"}


def test_a_scoped_snapshot_closes_nothing_outside_its_scope(ctx: Context, tmp_path: Path) -> None:
    def send(number: int, rows: list[list[str | None]]) -> ledger.Delivery:
        return ingest(
            [write_csv(tmp_path / f"模型分片_2020010{number}_.csv", HEADER, rows)], ctx=ctx
        )[0]

    send(1, [row("E1", "F1", "甲"), row("E1", "F2", "甲"), row("E2", "F1", "乙")])
    done = send(2, [row("E1", "F1", "甲")])
    assert (done.state, done.unchanged, done.closed) == ("loaded", 1, 1)
    assert star(ctx) == {("E1", "F1"): "甲", ("E2", "F1"): "乙"}


@pytest.mark.parametrize("reader", [False, True])
def test_a_large_first_load_waits_for_no_reader(
    ctx: Context, send, monkeypatch: pytest.MonkeyPatch, reader: bool
) -> None:
    monkeypatch.setattr("etl.load.fact.LARGE", 1)
    file = sa.text("SELECT pg_relation_filenode('star.fact_property_contract')")
    with ctx.engine.connect() as connection:
        before = connection.execute(file).scalar_one()
    with ctx.engine.connect() as other:
        if reader:
            other.execute(sa.text("SELECT count(*) FROM star.fact_property_contract"))
        assert send(date(2020, 1, 28), [row("E1", "F1", "甲"), row("E2", "F1", "乙")]).loaded == 2
        other.rollback()
        emptied = other.execute(file).scalar_one()
        assert (emptied == before) is reader
    # A fact that holds rows is never emptied.
    send(date(2020, 2, 28), [row("E1", "F1", "甲"), row("E2", "F1", "丙")])
    assert star(ctx) == {("E1", "F1"): "甲", ("E2", "F1"): "丙"}
    with ctx.engine.connect() as connection:
        assert connection.execute(file).scalar_one() == emptied


def test_a_row_that_another_load_brings_meanwhile_is_seen_at_the_second_try(
    ctx: Context, send
) -> None:
    first = send(date(2020, 1, 28), [row("E1", "F1", "甲")])
    other, met = sa.create_engine(ctx.engine.url), []

    @sa.event.listens_for(ctx.engine, "after_cursor_execute")
    def meet(_c, _cursor, statement: str, _p, _context, _m) -> None:
        if "CREATE TEMP TABLE changed" in statement and not met:
            met.append(statement)
            with other.begin() as connection:
                connection.execute(
                    sa.text(
                        "INSERT INTO star.fact_property_contract SELECT estate_key, 'F2', starts_on, ends_on,"
                        " '丙', management_mode, known_from, delivery_id, row_no FROM star.fact_property_contract"
                    )
                )

    done = send(date(2020, 2, 28), [row("E1", "F1", "甲"), row("E1", "F2", "乙")])
    other.dispose()
    assert met
    assert (done.state, done.loaded, done.unchanged) == ("loaded", 1, 1)
    assert star(ctx) == {("E1", "F1"): "甲", ("E1", "F2"): "乙"}
    assert star(ctx, known=first.seq) == {("E1", "F1"): "甲", ("E1", "F2"): "丙"}
