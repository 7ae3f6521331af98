"""How long analysts wait: questions over millions of orders under the read-only role, and the evaluation."""

from __future__ import annotations

import random
import statistics
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from minsheng_sample import orders

from benchmarks import extract, ours, result, variants, verify
from benchmarks.place import Place
from etl import database
from etl.settings import ROOT

READER = "minsheng_reader"
PLANS = ROOT / "docs" / "plans.md"
_QUESTIONS = ROOT / "warehouse" / "sql" / "questions"
_TARGET_MS = 300
_EACH = 20
_COUNTED = "hot_orders_per_10k"


def measure(place: Place, rows: int) -> None:
    """Load, then ask every question twenty times for months and years drawn by chance."""
    as_of = _evaluated_on(rows)
    with place.fresh() as name:
        _fill(place, name, rows, as_of)
        engine = database.engine_at(place.url(name))
        try:
            months, years = _spans(engine)
            answers: dict[str, Any] = {"rows": rows, "target_ms": _TARGET_MS}
            plans = []
            with engine.connect() as connection:
                connection.execute(sa.text(f"SET ROLE {READER}"))
                for title, text, wants in _questions():
                    draw = random.Random(title)
                    given = [_values(wants, draw, months, years) for _ in range(_EACH)]
                    times = sorted(_milliseconds(connection, text, values) for values in given)
                    answers[title] = {
                        "median_ms": round(statistics.median(times), 1),
                        "p95_ms": round(times[-2], 1),
                        "max_ms": round(times[-1], 1),
                    }
                    click.echo(
                        f"{title:<28} median {statistics.median(times):7.0f} ms  p95 {times[-2]:7.0f} ms"
                    )
                    plans.append((title, text, _plan(connection, text, given[0])))
            answers |= _evaluations(place, name, as_of)
            result.add("reading", answers)
            if result.keep:
                _write_plans(plans, rows)
        finally:
            engine.dispose()


def _fill(place: Place, name: str, rows: int, as_of: date) -> None:
    """The district's other feeds, the orders, and a resend of some, so that there is a history to pass over."""
    sample = place.home / "reading"
    others = extract.district(sample)
    if others:
        ours.ingest(place, name, others)
    # Named for the month that is evaluated, or no delivery would speak of it.
    path = sample / f"hotline_work_order_{as_of:%Y-%m}.csv"
    path.symlink_to(extract.orders(rows).absolute())
    seconds = ours.again(place, name, [path]).seconds
    change = variants.delta(
        rows, sample / "hotline_work_order_2031-01.csv", 0, min(rows // 10, 100_000)
    )
    ours.again(place, name, [change])
    engine = database.engine_at(place.url(name))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # What autovacuum does within minutes, done now.
        connection.execute(sa.text("VACUUM (ANALYZE)"))
    engine.dispose()
    click.echo(f"{rows:,} orders loaded in {seconds:.0f} s")


def _questions() -> list[tuple[str, str, str]]:
    """(title, SQL, what it wants to be told)."""
    own = verify.SQL / "reading"
    return [
        ("month_by_town_category", _read(own / "month_by_town_category.sql"), "month"),
        ("q07_monthly_scores", _read(_QUESTIONS / "q07_monthly_scores.sql"), "month"),
        ("q08_overdue_or_returned", _read(_QUESTIONS / "q08_overdue_or_returned.sql"), "year"),
        ("month_repeats", _read(own / "month_repeats.sql"), "month"),
    ]


def _read(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


def _spans(engine: sa.Engine) -> tuple[list[date], list[int]]:
    """The months and the years in which there are orders, the last 24 and 5 of them."""
    with engine.connect() as connection:
        first, last = connection.execute(
            sa.text("SELECT min(opened_at), max(opened_at) FROM star.fact_work_order")
        ).one()
    month, months = date(first.year, first.month, 1), []
    while month <= last.date():
        months.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return months[-25:-1] or months, list(range(first.year, last.year + 1))[-5:]


def _values(
    wants: str, draw: random.Random, months: list[date], years: list[int]
) -> dict[str, Any]:
    if wants == "month":
        return {"month": draw.choice(months)}
    year = draw.choice(years)
    return {"from_on": date(year, 1, 1), "to_on": date(year + 1, 1, 1)}


def _milliseconds(connection: sa.Connection, text: str, values: dict[str, Any]) -> float:
    started = time.perf_counter()
    connection.execute(sa.text(text), values).fetchall()
    return (time.perf_counter() - started) * 1000


def _plan(connection: sa.Connection, text: str, values: dict[str, Any]) -> str:
    rows = connection.execute(sa.text(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {text}"), values)
    return "\n".join(line for (line,) in rows)


def _evaluated_on(rows: int) -> date:
    """The end of the last month but one before the orders end: a whole month of them, also by the 19th."""
    first: datetime = orders.START.astype(datetime)
    last = first + timedelta(seconds=rows * orders.SECONDS_APART)
    return (last.replace(day=1) - timedelta(days=32)).replace(day=1).date() - timedelta(days=1)


def _evaluations(place: Place, name: str, as_of: date) -> dict[str, Any]:
    """All computable indicators at the end of a month of orders, and as known before the last delivery."""
    from etl.context import Context
    from etl.evaluate import run
    from etl.settings import Settings

    settings = Settings.load(place.environment(name))
    ctx = Context.of(settings)
    with ctx.engine.connect() as connection:
        moment: datetime = connection.execute(
            sa.text("SELECT at FROM ledger.commit ORDER BY seq DESC OFFSET 1 LIMIT 1")
        ).scalar_one()
    evaluated, counted = 0, 0.0
    times: dict[str, list[float]] = {"now": [], "as_known": []}
    for _ in range(5):
        for kind, known_at in (("now", None), ("as_known", moment)):
            started = time.perf_counter()
            evaluation = run.evaluate(as_of, known_at, settings, hotline=True)
            times[kind].append(time.perf_counter() - started)
            computed = [
                indicator
                for indicator in evaluation.indicators
                if indicator.statement.computable == "C"
            ]
            evaluated = sum(indicator.value is not None for indicator in computed)
            counted = sum(
                indicator.numerator or 0
                for indicator in computed
                if indicator.statement.code == _COUNTED
            )
    if not counted:
        raise RuntimeError(f"{as_of}: no orders were counted")
    ctx.engine.dispose()
    now, then = (statistics.median(times[kind]) for kind in ("now", "as_known"))
    click.echo(f"evaluation {now:.2f} s, as known {then:.2f} s")
    return {
        "evaluated_on": as_of.isoformat(),
        "computed": evaluated,
        "orders_counted": round(counted / 10_000),
        "evaluation_seconds": round(now, 3),
        "as_known_seconds": round(then, 3),
        "as_known_ratio": round(then / now, 3),
    }


def _write_plans(plans: list[tuple[str, str, str]], rows: int) -> None:
    machine = result.machine()
    parts = [
        "# Plans of the analysts' questions",
        "",
        f"Written by `python -m benchmarks --reading`: {rows:,} orders, {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['measured_on']}. Row counts are of one run; times stand in [speed.md](speed.md).",
    ]
    for title, text, plan in plans:
        parts += ["", f"## {title}", "", "```sql", text.strip(), "```", "", "```", plan, "```"]
    PLANS.write_text("\n".join(parts) + "\n", encoding="utf-8")
