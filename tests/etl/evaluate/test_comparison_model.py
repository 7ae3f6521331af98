"""Random histories through the real loader, compared between any two moments, against a model of what was known.

The model is plain Python: claims of each key with their rank, what is believed of them, what that adds to two figures, one a
sum and one a quotient, and what each event is. `MINSHENG_COMPARE_HISTORIES=200` runs as many (longer ones), `MINSHENG_COMPARE_FIRST` is the first seed; a failure names its own.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from etl.context import Context
from etl.evaluate.comparison import Asked, Comparison
from etl.evaluate.run import schedules
from etl.preview import withdraw
from etl.quarantine import accept
from etl.settings import Settings
from tests.conftest import copy_of
from tests.etl.load.files import SEAT, STAFF, Desk
from tests.etl.quarantine.conftest import Clerk

HISTORIES = int(os.environ.get("MINSHENG_COMPARE_HISTORIES", "1"))
FIRST = int(os.environ.get("MINSHENG_COMPARE_FIRST", "0"))
EVENTS = 9 if "MINSHENG_COMPARE_HISTORIES" in os.environ else 6
ORDER = ("late_rows", "corrections", "repaired_quarantine", "withdrawn", "definition", "boundary", "rule")  # fmt: skip
SEATS, RATE = "edu_compulsory_seats_added", "civ_community_worker_cert_rate"
DAYS = {SEATS: (date(2021, 6, 30), date(2021, 12, 31)), RATE: (date(2021, 3, 31), date(2021, 4, 30))}  # fmt: skip
KEYS = {SEATS: [f"C{n}" for n in range(1, 5)], RATE: ["旧宫镇", "青云店镇"]}
PERIODS = {SEATS: (1, 2), RATE: (3, 4)}
NAMES = {SEATS: "学位变动_2021年第{}季度", RATE: "社工与社区工作者月报_2021年{}月"}

Row = tuple[Any, Any]
"""Of a change of seats its number and day, of a town's month certified and all workers."""
Key = tuple[str, str, int]
"""Figure, name, and the month of a monthly fact (else 0)."""
Rank = tuple[int, bool, int]


@dataclass
class Sent:
    """A delivery: its period, what it says (a word instead of a number cannot be read), and whether it counts still."""

    number: int
    code: str
    period: int
    is_act: bool
    rows: dict[Key, Row]
    kept_out: dict[Key, Row]
    repairs: int | None = None
    counts: bool = True

    @property
    def rank(self) -> Rank:
        """A later period first (of monthly facts each has its own), then corrections, then receipt."""
        return self.period, self.is_act, self.number

    @property
    def places(self) -> dict[Key, int]:
        """Where the rows stand in the file, below its header."""
        return {key: n for n, key in enumerate([*self.rows, *self.kept_out], 2)}


@dataclass
class Point:
    """A moment: when, what is believed with who said it first, and what the event was that led here."""

    at: datetime
    believed: dict[Key, tuple[Row, Sent]]
    open: frozenset[tuple[int, Key]]
    told: frozenset[str]
    """Figures of which an ordinary delivery counts: where corrections alone are left, there is no data."""
    verb: str
    sent: Sent | None
    count: int


@dataclass
class History:
    """Deliveries as they came, and the moments between them."""

    desk: Desk
    rng: random.Random
    sent: list[Sent] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)

    def run(self) -> None:
        """Let events happen, and remember each moment."""
        self.desk.register()
        self._remember("register", None)
        while len(self.points) < EVENTS + 1:
            verb = self.rng.choices(
                ["original", "correction", "repair", "accept", "withdraw"], [9, 4, 4, 3, 2]
            )[0]
            done: Sent | None = getattr(self, f"_{verb}")()
            if done is not None:
                self._remember(verb, done)

    def _original(self) -> Sent | None:
        code = self.rng.choice([SEATS, RATE])
        period = self.rng.choice(PERIODS[code])
        keys = self.rng.sample(KEYS[code], self.rng.randint(1, len(KEYS[code])))
        rows = {self._key(code, name, period): self._row(code) for name in keys}
        bad = {key: self._spoiled(key[0], row) for key, row in rows.items() if self.rng.random() < 0.35}  # fmt: skip
        return self._send(code, period, {k: r for k, r in rows.items() if k not in bad}, bad)

    def _correction(self) -> Sent | None:
        told = sorted({(s.code, key, s.period) for s in self.sent if s.counts for key in s.rows})
        if not told:
            return None
        code, key, period = self.rng.choice(told)
        return self._send(code, period, {key: self._row(code)}, {}, is_act=True)

    def _repair(self) -> Sent | None:
        found = self._pick(lambda key, row: "很多" in row)
        if found is None:
            return None
        of, key, row = found
        value = self.rng.randint(1, 9)
        clerk = Clerk(self.desk, delivery_id=of.number)
        column = "seats" if of.code == SEATS else "certified_community_workers"
        clerk.fill(of.places[key], **{column: value})
        (done,) = clerk.hand_in(f"{self.rng.random()}.xlsx")
        assert (done.state, done.loaded + done.unchanged + done.superseded) == ("loaded", 1)
        return self._add(of, done.delivery_id, key, (value, row[1]))

    def _accept(self) -> Sent | None:
        found = self._pick(lambda key, row: "很多" not in row)
        if found is None:
            return None
        of, key, row = found
        (done,) = accept([(of.number, of.places[key])], by="王", reason="核实", ctx=self.desk.ctx)
        assert done.state == "loaded", done.reasons
        return self._add(of, done.delivery_id, key, row)

    def _withdraw(self) -> Sent | None:
        there = [each for each in self.sent if each.counts and each.repairs is None]
        if not there:
            return None
        chosen = self.rng.choice(there)
        withdraw(chosen.number, by="李", reason="x", ctx=self.desk.ctx)
        for each in self.sent:
            each.counts = each.counts and chosen.number not in (each.number, each.repairs)
        return chosen

    def _pick(self, fits: Callable[[Key, Row], bool]) -> tuple[Sent, Key, Row] | None:
        there = [
            (each, key, each.kept_out[key])
            for each in self.sent
            for key in each.kept_out
            if (each.number, key) in self.points[-1].open and fits(key, each.kept_out[key])
        ]
        return self.rng.choice(there) if there else None

    def _add(self, of: Sent, number: int, key: Key, row: Row) -> Sent:
        self.sent.append(Sent(number, of.code, of.period, True, {key: row}, {}, repairs=of.number))
        return self.sent[-1]

    def _send(
        self, code: str, period: int, rows: dict[Key, Row], bad: dict[Key, Row], is_act: bool = False
    ) -> Sent | None:  # fmt: skip
        name = NAMES[code].format(period) + f"_{'更正' if is_act else '第'}{len(self.sent)}.csv"
        cells = [_cells(key, row, period) for key, row in {**rows, **bad}.items()]
        done = self.desk.send(name, SEAT if code == SEATS else STAFF, cells)
        if done.state == "duplicate":
            return None
        assert (done.state, done.quarantined) == ("loaded", len(bad)), done.reasons
        self.sent.append(Sent(done.delivery_id, code, period, is_act, rows, bad))
        return self.sent[-1]

    def _key(self, code: str, name: str, period: int) -> Key:
        return code, name, period if code == RATE else 0

    def _row(self, code: str) -> Row:
        if code == SEATS:
            day = self.rng.choice(["2021-02-01", "2021-05-01", "2021-08-01"])
            return self.rng.randint(1, 500), day
        workers = self.rng.randint(10, 50)
        return self.rng.randint(0, workers), workers

    def _spoiled(self, code: str, row: Row) -> Row:
        if self.rng.random() < 0.5:
            return "很多", row[1]
        return (30_000 + row[0], row[1]) if code == SEATS else (row[1] + 5, row[1])

    def _remember(self, verb: str, sent: Sent | None) -> None:
        best: dict[Key, Sent] = {}
        for each in sorted(self.sent, key=lambda s: s.rank):
            best |= dict.fromkeys(each.rows, each) if each.counts else {}
        before = self.points[-1].believed if self.points else {}
        believed = {}
        for key, each in best.items():
            same = key in before and before[key][0] == each.rows[key] and before[key][1].counts
            believed[key] = before[key] if same else (each.rows[key], each)
        waiting = frozenset(
            (each.number, key)
            for each in self.sent
            if each.counts
            for key in each.kept_out
            if not (key in best and best[key].rank > each.rank)
        )
        with self.desk.ctx.engine.connect() as connection:
            at = connection.execute(sa.text("SELECT max(at) FROM ledger.commit")).scalar_one()
        told = frozenset(s.code for s in self.sent if s.counts and not s.is_act)
        self.points.append(Point(at, believed, waiting, told, verb, sent, len(self.sent)))

    # What the model says of a figure.

    def amounts(self, point: Point, code: str, day: date) -> dict[Key, tuple[int, int]]:
        """What each key adds above and below."""
        found: dict[Key, tuple[int, int]] = {}
        if code not in point.told:
            return found
        for key, (row, _) in point.believed.items():
            if key[0] == code == SEATS and row[1] <= day.isoformat():
                found[key] = (row[0], 0)
            elif key[0] == code == RATE and key[2] == day.month:
                found[key] = (row[0], row[1])
        return found

    def figure(self, point: Point, code: str, day: date) -> Fraction:
        """The figure; 0 where there is none."""
        return _value(code, _sums(self.amounts(point, code, day).values()))

    def parts(self, first: int, last: int, code: str, day: date) -> dict[str, Fraction]:
        """The revision between two moments by cause."""
        found = dict.fromkeys(ORDER, Fraction(0))
        for before, after in zip(self.points[first:last], self.points[first + 1 : last + 1], strict=True):  # fmt: skip
            old, new = (self.amounts(p, code, day) for p in (before, after))
            state = dict(old)
            changed = [key for key in {*old, *new} if old.get(key) != new.get(key)]
            for cause in ORDER:
                was = _value(code, _sums(state.values()))
                for key in changed:
                    if self.cause(before, after, key, old, new) == cause:
                        state.pop(key, None)
                        state |= {key: new[key]} if key in new else {}
                found[cause] += _value(code, _sums(state.values())) - was
        return found

    def cause(
        self, before: Point, after: Point, key: Key, old: dict[Key, Any], new: dict[Key, Any]
    ) -> str:
        """What the event was for a key that it changed."""
        sent, counts = after.sent, key in new
        if after.verb == "withdraw":
            return "withdrawn"
        if after.verb == "accept":
            return "rule" if counts else "repaired_quarantine"
        assert sent is not None
        closed = {k for _, k in before.open - after.open}
        if after.verb == "repair" or (counts and key in closed):
            return "repaired_quarantine"
        if after.verb == "correction":
            return "corrections"
        tellers = [p.believed[key][1] for p in self.points if p.count <= before.count and key in p.believed]  # fmt: skip
        again = counts and any(each.period == sent.period for each in tellers)
        said = before.believed.get(key)
        if again or (key in old and said is not None and said[1].period == sent.period):
            return "corrections"
        return "late_rows"


def _sums(amounts: Any) -> tuple[int, int]:
    listed = list(amounts)
    return sum(a for a, _ in listed), sum(b for _, b in listed)


def _value(code: str, sums: tuple[int, int]) -> Fraction:
    if code == SEATS:
        return Fraction(sums[0])
    return Fraction(*sums) if sums[1] else Fraction(0)


def _cells(key: Key, row: Row, period: int) -> list[Any]:
    if key[0] == SEATS:
        return [key[1], "1111000001", "小学", "新建", row[0], row[1], key[1]]
    return [f"2021-{period:02}", key[1], row[1], row[0], 2, 1]


@pytest.fixture
def new_desk(server: str, template: str, tmp_path: Path, settings: Settings) -> Callable[[], Any]:
    """Makes a warehouse with nothing in it, as a context manager."""

    @contextmanager
    def opened() -> Iterator[Desk]:
        with copy_of(server, template) as engine:
            url = engine.url.render_as_string(hide_password=False)
            given = {"MINSHENG_HOME": str(settings.home), "MINSHENG_DATABASE_URL": url}
            ctx = Context.of(Settings.load(given))
            folder = tmp_path / engine.url.database
            folder.mkdir()
            try:
                yield Desk(ctx, folder)
            finally:
                ctx.engine.dispose()

    return opened


@pytest.mark.slow
@pytest.mark.timeout(120 + 60 * HISTORIES)
def test_random_histories(new_desk: Callable[[], Any]) -> None:
    seen: set[str] = set()
    for seed in range(FIRST, FIRST + HISTORIES):
        rng = random.Random(f"comparison {seed}")
        with new_desk() as desk:
            history = History(desk, rng)
            history.run()
            seen |= _check(history, rng, seed)
    if HISTORIES >= 20:
        assert seen == {*ORDER} - {"definition", "boundary"} | {"movement"}


def _check(history: History, rng: random.Random, seed: int) -> set[str]:
    """Compare some pairs of moments; returns what was met."""
    seen: set[str] = set()
    last = len(history.points) - 1
    pairs = [(0, last), *(sorted(rng.choices(range(last + 1), k=2)) for _ in range(3))]
    with history.desk.ctx.engine.connect() as connection:
        for first, second in pairs:
            for code in (SEATS, RATE):
                days = rng.choice([(0, 0), (0, 1), (1, 0)])
                old, new = (DAYS[code][n] for n in days)
                asked = Asked(old, history.points[first].at), Asked(new, history.points[second].at)
                found = Comparison(connection, schedules(history.desk.ctx), *asked).of(code)
                where = f"seed {seed}, {code}, moments {first} to {second}, days {old} to {new}"
                begin, between, end = (
                    history.figure(history.points[n], code, day)
                    for n, day in ((first, old), (second, old), (second, new))
                )
                assert (found.before.value or 0, found.after.value or 0) == (begin, end), where
                assert found.movement == end - between, where
                assert found.by_cause == history.parts(first, second, code, old), where
                assert found.residual == 0, where
                seen |= {cause for cause, part in found.by_cause.items() if part}
                seen |= {"movement"} if found.movement else set()
    return seen
