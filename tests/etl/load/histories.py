"""Small random histories: few things, few values, so that claims meet; and their printed and shrunken forms."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tests.etl.load.feeds import SPACES, Space
from tests.etl.load.model import MODES, Delivery, Period, Row, Value

DIVISION = "reference.division"
THEMES: tuple[tuple[str, ...], ...] = (
    ("health.institution",),
    ("education.school",),
    ("education.seat_change",),
    ("hotline.work_order", DIVISION),
    ("hotline.model_order",),
    ("housing.affordable_project", DIVISION),
    ("housing.property_contract",),
    ("civil_affairs.social_worker_month", DIVISION),
    ("reference.population", DIVISION),
    ("education.school", "education.seat_change"),
)
"""Which feeds meet in a history."""
TWO_NAMES = ("旧宫镇", "旧宫地区")
FORMATS = ("csv", "csv", "csv", "csv", "tsv", "xlsx", "jsonl", "gb18030", "utf-16", "parquet")


@dataclass(frozen=True)
class History:
    """Deliveries in the order of their receipt."""

    deliveries: tuple[Delivery, ...]
    seed: int | None = None


def generate(seed: int) -> History:
    """The history of a seed."""
    rng = random.Random(seed)
    theme = THEMES[seed % len(THEMES)]
    deliveries: list[Delivery] = []
    for _ in range(rng.randint(4, 7)):
        feed = theme[0]
        if len(theme) > 1 and rng.random() < (0.3 if theme[1] == DIVISION else 0.5):
            feed = theme[1]
        deliveries.append(_delivery(rng, SPACES[feed], deliveries))
    return History(
        _withdrawing(_lonely(tuple(deliveries)), random.Random(f"withdrawals {seed}")), seed
    )


def _withdrawing(deliveries: tuple[Delivery, ...], rng: random.Random) -> tuple[Delivery, ...]:
    """In every third history some deliveries are withdrawn later."""
    if rng.random() > 0.35:
        return deliveries
    return tuple(
        replace(delivery, withdraw_after=rng.randint(0, 3)) if rng.random() < 0.3 else delivery
        for delivery in deliveries
    )


def distinct(seed: int, count: int) -> History:
    """A history for all orders of arrival: no two deliveries of one feed have one rank, none repeats another."""
    rng = random.Random(seed)
    theme = THEMES[seed % len(THEMES)]
    deliveries: list[Delivery] = []
    while len(deliveries) < count:
        feed = theme[-1] if len(theme) > 1 and len(deliveries) == 1 else theme[0]
        delivery = _delivery(rng, SPACES[feed], [])
        same = [d for d in deliveries if d.feed == feed and d.period == delivery.period]
        if any(MODES[d.mode] == MODES[delivery.mode] for d in same):
            if rng.random() < 0.05:
                break
            continue
        if feed == DIVISION:
            delivery = replace(delivery, rows=_register(rng, plain=True))
        deliveries.append(replace(delivery, release_after=0, together=False))
    return History(tuple(deliveries), seed)


def _lonely(deliveries: tuple[Delivery, ...]) -> tuple[Delivery, ...]:
    """Two may be carried at once, not three; the last has nobody to be carried with."""
    out: list[Delivery] = []
    for n, delivery in enumerate(deliveries):
        alone = n + 1 == len(deliveries) or (bool(out) and out[-1].together)
        out.append(replace(delivery, together=delivery.together and not alone))
    return tuple(out)


def _delivery(rng: random.Random, space: Space, earlier: list[Delivery]) -> Delivery:
    mine = [delivery for delivery in earlier if delivery.feed == space.feed.name]
    form = rng.choice(FORMATS)
    release = rng.choice((0, 0, 0, 1, 2, None))
    together = rng.random() < 0.06
    if mine and rng.random() < 0.12:
        return replace(rng.choice(mine), format=form, release_after=release, together=False)
    modes = tuple(space.weights)
    mode = rng.choices(modes, tuple(space.weights.values()))[0]
    if MODES[mode] and not mine and rng.random() < 0.6:
        mode = modes[0]
    period = rng.choice(space.periods)
    rows = _register(rng) if space.feed.aliases else _rows(rng, space, mode, mine, earlier)
    total = bool(space.total) and rng.random() < 0.1
    return Delivery(space.feed.name, mode, period, rows, form, release, together, total)


def _rows(
    rng: random.Random,
    space: Space,
    mode: str,
    mine: list[Delivery],
    earlier: list[Delivery],
) -> tuple[Row, ...]:
    few = MODES[mode] == 1
    keys = rng.sample(space.keys, rng.randint(1, 2 if few else min(4, len(space.keys))))
    told = [{name: row.values.get(name) for name in space.feed.key} for d in mine for row in d.rows]
    if few and told and rng.random() < 0.8:
        keys = [rng.choice(told)]
    if "town" in space.feed.key and not _explained(earlier):
        # Who comes under two names in one file, nobody can say before they are known to be one.
        name, other = rng.sample(TWO_NAMES, 2)
        keys = [key | {"town": name} if key["town"] == other else key for key in keys]
        keys = list({tuple(key.values()): key for key in keys}.values())
    rows: list[Row] = []
    for key in keys:
        row = _row(rng, space, key, few)
        rows.append(row)
        if rng.random() < 0.1:
            other = row if rng.random() < 0.3 else _row(rng, space, key, few)
            rows.insert(rng.randint(0, len(rows)), other)
    return tuple(rows)


def _row(rng: random.Random, space: Space, key: dict[str, Value], few: bool) -> Row:
    values = dict(key) | {name: rng.choice(choices) for name, choices in space.choices.items()}
    values = {name: values.get(name) for name in space.headers}
    fault = ""
    chance = rng.random()
    keyed = [name for name in space.bad if name in space.feed.key]
    plain = [name for name in space.bad if name not in space.feed.key]
    if chance < 0.05 and not few:
        fault = rng.choice(keyed)
    elif chance < 0.2 and plain:
        fault = rng.choice(plain)
    return Row(values, fault)


def _explained(earlier: list[Delivery]) -> bool:
    """Whether a register has said that 旧宫镇 and 旧宫地区 are one, and none says otherwise."""
    registers = [delivery for delivery in earlier if delivery.feed == DIVISION]
    aliases = [str(delivery.rows[1].values["aliases"]) for delivery in registers]
    return bool(aliases) and all("旧宫镇" in each for each in aliases)


def _register(rng: random.Random, *, plain: bool = False) -> tuple[Row, ...]:
    """Registers of three areas, which differ in names and in whom they call 旧宫镇; a plain one knows all names."""

    def row(code: str, name: str, level: str, alias: str | None, fault: str = "") -> Row:
        parent = None if level == "区县" else "110115000000"
        values: dict[str, Value] = {
            "division_code": code,
            "division_name": name,
            "parent_code": parent,
            "level": level,
            "aliases": alias,
        }
        return Row(values, fault)

    first = rng.choice((None, "旧宫镇", "旧宫镇", "旧宫镇;旧宫地区办事处"))
    rows = [
        row("110115000000", "大兴区", "区县", None),
        row("110115006000", "旧宫地区", "镇街", first),
    ]
    second = rng.choice(("青云店镇", "青云店镇", "青云店地区"))
    alias = None
    if second != "青云店镇" or rng.random() < 0.15:
        alias = rng.choice(("青云店镇", None, "旧宫镇" if rng.random() < 0.3 else None))
    fault = "level" if rng.random() < 0.08 else ""
    if plain:
        rows[1] = row("110115006000", "旧宫地区", "镇街", "旧宫镇")
        second, alias, fault = "青云店镇", None, ""
    rows.append(row("110115101000", second, "镇街", alias, fault))
    return tuple(rows)


# ------------------------------------------------------------------------------ shrinking and printing
def smaller(history: History) -> Iterator[History]:
    """Histories with one delivery, then one row or one peculiarity less."""
    ds = history.deliveries
    for n in range(len(ds)):
        yield History(_lonely(ds[:n] + ds[n + 1 :]))
    for n, delivery in enumerate(ds):
        for r in range(len(delivery.rows)):
            if len(delivery.rows) > 1:
                fewer = replace(delivery, rows=delivery.rows[:r] + delivery.rows[r + 1 :])
                yield History((*ds[:n], fewer, *ds[n + 1 :]))
        plain_ones = (
            replace(delivery, format="csv"),
            replace(delivery, together=False),
            replace(delivery, total=False),
            replace(delivery, withdraw_after=None),
        )
        for plain in plain_ones:
            if plain != delivery:
                yield History((*ds[:n], plain, *ds[n + 1 :]))


def shrink(history: History, fails: Callable[[History], bool], tries: int = 120) -> History:
    """The smallest failing history that greedy dropping finds."""
    is_smaller = True
    while is_smaller:
        is_smaller = False
        for candidate in smaller(history):
            if not candidate.deliveries:
                continue
            tries -= 1
            if tries < 0:
                return history
            if fails(candidate):
                history, is_smaller = candidate, True
                break
    return history


_PLAIN = {
    "format": "csv",
    "release_after": 0,
    "together": False,
    "total": False,
    "withdraw_after": None,
}


def text(history: History) -> str:
    """The history as Python, for a file that MINSHENG_HISTORY names."""
    lines = [
        "from tests.etl.load.histories import History",
        "from tests.etl.load.model import Delivery, Period, Row",
        "",
        "HISTORY = History((",
    ]
    for delivery in history.deliveries:
        lines.append(
            f"    Delivery({delivery.feed!r}, {delivery.mode!r}, {_period(delivery.period)}, ("
        )
        for row in delivery.rows:
            values = dict(row.values)
            fault = f", {row.fault!r}" if row.fault else ""
            lines.append(f"        Row({values!r}{fault}),")
        rest = "".join(
            f", {name}={getattr(delivery, name)!r}"
            for name, plain in _PLAIN.items()
            if getattr(delivery, name) != plain
        )
        lines.append(f"    ){rest}),")
    return "\n".join([*lines, "))", ""])


def _period(period: Period) -> str:
    return f"Period({period.label!r}, {period.start!r}, {period.end!r})"
