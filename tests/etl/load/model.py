"""docs/precedence.md as plain Python: what a warehouse must hold after each delivery.

No database, no files, nothing incremental: after every event all claims are made anew from the accepted
deliveries, and what is believed is read off them. What a feed's rows are and which star rows they lead to
stands in `feeds.py`.

Dates and times are text (`2020-01-31`, `2020-01-31 08:00:00`), so that they compare, print and serialise as
they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

FOREVER = "infinity"
SINCE_EVER = "1900-01-01"
RECEIVED = "2026-01-01 00:00:00"
"""Every delivery of a history arrives after this; a source time after it is of no use."""

Value = str | int | None
Thing = tuple[Any, ...]
"""The feed, then the values of its business key, places resolved."""
StarKey = tuple[Any, ...]
"""The table, then the values of its key columns."""
Rank = tuple[Any, ...]


class Place(str):
    """A code or a name of an area; what it stands for, the registers of areas say."""

    __slots__ = ()


@dataclass(frozen=True)
class Row:
    """A row of a file. The cell of the field `fault` is not what it should be (an error rule, or its type)."""

    values: Mapping[str, Value]
    fault: str = ""


@dataclass(frozen=True)
class Period:
    """First and last day; `label` is how a file name says it."""

    label: str
    start: str
    end: str


@dataclass(frozen=True)
class Delivery:
    """A file and how it comes: what the generator makes, the model judges and the test sends."""

    feed: str
    mode: str
    period: Period
    rows: tuple[Row, ...]
    format: str = "csv"
    release_after: int | None = 0
    """Should it be held: after so many further arrivals a person releases it; None: nobody does."""
    together: bool = False
    """Carried at the same time as the next arrival, in two threads."""


@dataclass(frozen=True)
class StarRow:
    """A row of the star that a row of a file leads to."""

    table: str
    key: tuple[Any, ...]
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Feed:
    """What the model has to know of a contract."""

    name: str
    mode: str
    key: tuple[str, ...]
    places: frozenset[str]
    star: Callable[[Mapping[str, Value]], list[StarRow]]
    """The load queries that have a row_no."""
    derived: Callable[[Mapping[str, Value]], list[StarRow]] = lambda _: []
    """The load queries that derive members."""
    dimension: bool = False
    valid_from: Callable[[Period], str] = lambda period: period.end
    source_time: str = ""
    own_time: str = ""
    """The field that is a periodic fact's own month or year."""
    scope: tuple[str, ...] = ()
    min_share: float = 0.7
    hold_resave: bool = True
    hold_volume: bool = True
    aliases: Callable[[Mapping[str, Value]], list[tuple[str, str]]] | None = None
    """For a register of areas: the (name, code) pairs of a row."""


@dataclass
class Accepted:
    """A delivery that is `loaded`, with the verdict on each of its rows."""

    delivery: Delivery
    receipt: int
    verdicts: list[str]
    """good, duplicate, quarantined"""


@dataclass(frozen=True)
class Claim:
    """What one delivery says of one thing."""

    kind: str
    """row, unreadable, retracted, absent"""
    thing: Thing
    rank: Rank
    day: str
    """From which day it holds, for a dimension."""
    star: tuple[StarRow, ...] = ()
    receipt: int = 0
    row: int | None = None


@dataclass(frozen=True)
class Entry:
    """A row in quarantine."""

    receipt: int
    row: int
    open: bool


@dataclass
class Outcome:
    """What the ledger must say of a delivery."""

    receipt: int
    state: str
    counts: dict[str, int] = field(default_factory=dict)
    reasons: frozenset[str] = frozenset()
    """Why it is held: volume, resaved_period, unknown."""


@dataclass(frozen=True)
class Belief:
    """What is believed: of facts the rows, of dimensions the versions by their first day."""

    facts: Mapping[StarKey, tuple[Any, ...]]
    versions: Mapping[StarKey, tuple[tuple[str, str, tuple[Any, ...]], ...]]

    def of(self, one: StarRow) -> Any:
        """All that is believed of a star row's key."""
        key = (one.table, *one.key)
        return self.facts.get(key, ()), self.versions.get(key, ())

    def on(self, one: StarRow, day: str) -> list[tuple[Any, ...]]:
        """What is believed of a star row's key on a day."""
        line = self.versions.get((one.table, *one.key), ())
        return [values for start, end, values in line if start <= day < end]


MODES = {"full": 0, "delta": 0, "window": 0, "correction": 1, "retraction": 1}


class World:
    """Feeds, what was accepted of them in the order of loading, what is held, and the ledger."""

    def __init__(self, feeds: Mapping[str, Feed]) -> None:
        self.feeds = feeds
        self.accepted: list[Accepted] = []
        self.held: dict[int, Delivery] = {}
        self.ledger: dict[int, Outcome] = {}
        self.loads: list[int] = []
        """Receipts in the order of their loads: commit by commit."""
        self.beliefs: list[Belief] = []
        """What was believed after each commit."""

    # ------------------------------------------------------------------ events
    def arrive(self, receipt: int, delivery: Delivery) -> None:
        """A delivery is received and carried as far as it goes."""
        self._carry(receipt, delivery)
        self._go_on()

    def release(self, receipt: int) -> None:
        """A person lets a held delivery pass."""
        self._load(receipt, self.held.pop(receipt))
        self._go_on()

    def _carry(self, receipt: int, delivery: Delivery) -> None:
        reasons = frozenset(self._suspicions(delivery))
        if self._is_repetition(delivery):
            self.ledger[receipt] = Outcome(receipt, "duplicate")
        elif reasons:
            self.held[receipt] = delivery
            self.ledger[receipt] = Outcome(receipt, "held", reasons=reasons)
        else:
            self._load(receipt, delivery)

    def _go_on(self) -> None:
        """What was held for a thing that has become known goes on by itself, in the order of receipt."""
        for receipt in sorted(self.held):
            waiting = self.ledger[receipt].reasons == {"unknown"}
            if waiting and not self._unknown(self.held[receipt]):
                self._carry(receipt, self.held.pop(receipt))
                self._go_on()
                return

    # ------------------------------------------------- before a delivery counts
    def _is_repetition(self, delivery: Delivery) -> bool:
        """The content of the delivery of that feed, period and mode that was loaded last and received last."""
        same = [
            one
            for one in self.accepted
            if (one.delivery.feed, one.delivery.period, one.delivery.mode)
            == (delivery.feed, delivery.period, delivery.mode)
        ]
        return bool(same) and (
            same[-1].receipt == max(one.receipt for one in same)
            and content(same[-1].delivery) == content(delivery)
        )

    def _suspicions(self, delivery: Delivery) -> Iterator[str]:
        feed = self.feeds[delivery.feed]
        others = [one for one in self.accepted if one.delivery.feed == feed.name]
        if feed.hold_resave and any(
            one.delivery.mode == delivery.mode
            and one.delivery.period.end != delivery.period.end
            and content(one.delivery) == content(delivery)
            for one in others
        ):
            yield "resaved_period"
        before = [
            one
            for one in others
            if one.delivery.mode == "full" and one.delivery.period.end < delivery.period.end
        ]
        if feed.hold_volume and delivery.mode == "full" and before:
            last = max(before, key=lambda one: (one.delivery.period.end, one.receipt))
            if len(delivery.rows) < feed.min_share * len(last.delivery.rows):
                yield "volume"
        if self._unknown(delivery):
            yield "unknown"

    def _unknown(self, delivery: Delivery) -> bool:
        """A correction or retraction of a thing that nobody has told of."""
        if MODES[delivery.mode] == 0:
            return False
        if delivery.mode == "correction" and any(
            verdict == "quarantined" and not self._readable(one.delivery, row)
            for one in self.accepted
            if (one.delivery.feed, one.delivery.period) == (delivery.feed, delivery.period)
            for row, verdict in zip(one.delivery.rows, one.verdicts, strict=True)
        ):
            return False
        names = self.names()
        told = {claim.thing for claim in self._told(names)}
        things = {
            self.thing(delivery, row, names)
            for row in delivery.rows
            if self._readable(delivery, row)
        }
        return bool(things - told)

    # ------------------------------------------------------------- names, things
    def names(self) -> dict[str, str]:
        """Which code a name of an area stands for. Names that nobody explains stand for themselves."""
        given: dict[str, list[tuple[Rank, set[str]]]] = defaultdict(list)
        codes: set[str] = set()
        for one in self.accepted:
            feed = self.feeds[one.delivery.feed]
            if feed.aliases is None or one.delivery.mode == "retraction":
                continue
            said: dict[str, set[str]] = defaultdict(set)
            for row, verdict in zip(one.delivery.rows, one.verdicts, strict=True):
                if verdict == "good":
                    codes.add(str(row.values[feed.key[0]]))
                    for name, code in feed.aliases(row.values):
                        said[name].add(code)
            for name, meant in said.items():
                given[name].append((self.rank(one.delivery, one.receipt, None), meant))
        newest = {name: max(said, key=lambda each: each[0])[1] for name, said in given.items()}
        return {
            name: next(iter(meant))
            for name, meant in newest.items()
            if len(meant) == 1 and name not in codes
        }

    def thing(self, delivery: Delivery, row: Row, names: Mapping[str, str]) -> Thing:
        """What a row is about."""
        feed = self.feeds[delivery.feed]
        key = (self._meant(feed, name, row, names) for name in feed.key)
        return (feed.name, *key)

    def _meant(self, feed: Feed, name: str, row: Row, names: Mapping[str, str]) -> Value:
        value = row.values.get(name)
        return names.get(str(value), value) if name in feed.places else value

    def _readable(self, delivery: Delivery, row: Row) -> bool:
        key = self.feeds[delivery.feed].key
        return row.fault not in key and all(row.values.get(name) is not None for name in key)

    # --------------------------------------------------------------------- claims
    def source_time(self, delivery: Delivery, row: Row | None) -> str:
        """By its own account; '' is the lowest. An absence, or a correction without one: the end of the period."""
        feed = self.feeds[delivery.feed]
        if not feed.source_time:
            return ""
        given = "" if row is None else str(row.values.get(feed.source_time) or "")
        if given and given <= RECEIVED and row and row.fault != feed.source_time:
            return given
        if row is None or MODES[delivery.mode]:
            return f"{delivery.period.end} 24:00:00"
        return ""

    def rank(
        self, delivery: Delivery, receipt: int, row: Row | None, thing: Thing | None = None
    ) -> Rank:
        """The one total order of claims; `row` None: an absence of `thing`."""
        feed = self.feeds[delivery.feed]
        own = (delivery.period.end, delivery.period.start)
        told = own
        if feed.own_time:
            at = feed.key.index(feed.own_time)
            moment = row.values.get(feed.own_time) if row else thing[1 + at] if thing else None
            # The thing's month or year, the same for all its claims.
            told = (str(moment), str(moment))
        mode = MODES[delivery.mode]
        return (self.source_time(delivery, row), told, mode, own, receipt)

    def _told(self, names: Mapping[str, str]) -> Iterator[Claim]:
        """Row, unreadable and retracted claims."""
        for one in self.accepted:
            feed = self.feeds[one.delivery.feed]
            for number, (row, verdict) in enumerate(
                zip(one.delivery.rows, one.verdicts, strict=True)
            ):
                if verdict == "duplicate" or not self._readable(one.delivery, row):
                    continue
                retracts = one.delivery.mode == "retraction"
                kind = (
                    "unreadable" if verdict == "quarantined" else "retracted" if retracts else "row"
                )
                yield Claim(
                    kind,
                    self.thing(one.delivery, row, names),
                    self.rank(one.delivery, one.receipt, row),
                    feed.valid_from(one.delivery.period),
                    tuple(resolved(feed.star(row.values), names)) if kind == "row" else (),
                    one.receipt,
                    number,
                )

    def claims(self) -> dict[Thing, list[Claim]]:
        """All claims, by thing."""
        names = self.names()
        by_thing: dict[Thing, list[Claim]] = defaultdict(list)
        for claim in self._told(names):
            by_thing[claim.thing].append(claim)
        for one in self.accepted:
            if one.delivery.mode != "full":
                continue
            feed = self.feeds[one.delivery.feed]
            if not all(self._readable(one.delivery, row) for row in one.delivery.rows):
                continue
            mentioned = {self.thing(one.delivery, row, names) for row in one.delivery.rows}
            for thing in by_thing:
                if (
                    thing[0] == feed.name
                    and thing not in mentioned
                    and self._speaks(one, feed, thing)
                ):
                    by_thing[thing].append(
                        Claim(
                            "absent",
                            thing,
                            self.rank(one.delivery, one.receipt, None, thing),
                            feed.valid_from(one.delivery.period),
                            receipt=one.receipt,
                        )
                    )
        return by_thing

    def _speaks(self, one: Accepted, feed: Feed, thing: Thing) -> bool:
        """Whether a snapshot's word extends to the thing: its month or year, and the values of the scope, occur in it."""
        for name in dict.fromkeys((feed.own_time, *feed.scope)):
            if not name:
                continue
            value = thing[1 + feed.key.index(name)]
            here = self._occurs(one, name, value)
            if not here:
                return False
            if name in ("month", "year") and not _is_own(one.delivery.period, name, value):
                fullest = max(
                    self._occurs(other, name, value)
                    for other in self.accepted
                    if other.delivery.feed == feed.name and other.delivery.mode == "full"
                )
                if here < feed.min_share * fullest:
                    return False
        return True

    def _occurs(self, one: Accepted, name: str, value: Value) -> int:
        return sum(
            self._readable(one.delivery, row) and row.values.get(name) == value
            for row in one.delivery.rows
        )

    # --------------------------------------------------------------------- belief
    def belief(self) -> Belief:
        """What the star must hold."""
        facts: dict[StarKey, tuple[Rank, tuple[Any, ...]]] = {}
        versions: dict[StarKey, tuple[tuple[str, str, tuple[Any, ...]], ...]] = {}
        for thing, claims in self.claims().items():
            words = [claim for claim in claims if claim.kind != "unreadable"]
            if not words:
                continue
            if self.feeds[thing[0]].dimension:
                for key, line in timeline(words):
                    versions[key] = line
                continue
            highest = max(words, key=lambda claim: claim.rank)
            for one in highest.star:
                key = (one.table, *one.key)
                if key not in facts or facts[key][0] < highest.rank:
                    facts[key] = (highest.rank, one.values)
        names = self.names()
        for accepted in self.accepted:
            if accepted.delivery.mode == "retraction":
                continue
            derive = self.feeds[accepted.delivery.feed].derived
            for row, verdict in zip(accepted.delivery.rows, accepted.verdicts, strict=True):
                if verdict == "good":
                    for one in resolved(derive(row.values), names):
                        versions[(one.table, *one.key)] = ((SINCE_EVER, FOREVER, one.values),)
        return Belief({key: values for key, (_, values) in facts.items()}, versions)

    def entries(self) -> list[Entry]:
        """The quarantine. An entry is closed when a row of the same thing outranks it."""
        names, claims = self.names(), self.claims()
        periods = {one.receipt: one.delivery.period for one in self.accepted}
        found = []
        for one in self.accepted:
            snapshots = self.feeds[one.delivery.feed].mode == "full"
            for number, (row, verdict) in enumerate(
                zip(one.delivery.rows, one.verdicts, strict=True)
            ):
                if verdict != "quarantined":
                    continue
                answered = self._readable(one.delivery, row) and any(
                    claim.kind == "row"
                    and claim.rank > self.rank(one.delivery, one.receipt, row)
                    and (not snapshots or periods[claim.receipt] == one.delivery.period)
                    for claim in claims[self.thing(one.delivery, row, names)]
                )
                found.append(Entry(one.receipt, number, not answered))
        return sorted(found, key=lambda entry: (entry.receipt, entry.row))

    # ----------------------------------------------------------------------- load
    def judge(self, delivery: Delivery) -> list[str]:
        """The verdict on each row of a file."""
        feed, names = self.feeds[delivery.feed], self.names()
        verdicts = [
            "quarantined" if row.fault or not self._readable(delivery, row) else "good"
            for row in delivery.rows
        ]
        good = [n for n, verdict in enumerate(verdicts) if verdict == "good"]
        things = {n: self.thing(delivery, delivery.rows[n], names) for n in good}
        fields = {
            n: {
                name: self._meant(feed, name, delivery.rows[n], names)
                for name in delivery.rows[n].values
            }
            for n in good
        }
        times = {n: self.source_time(delivery, delivery.rows[n]) for n in good}
        for n in good:
            repeats = any(m < n and fields[m] == fields[n] for m in good)
            outdated = any(things[m] == things[n] and times[m] > times[n] for m in good)
            if repeats or outdated:
                verdicts[n] = "duplicate"
        good = [n for n in good if verdicts[n] == "good"]
        stars = {
            n: {
                (one.table, *one.key): one.values
                for one in resolved(feed.star(delivery.rows[n].values), names)
            }
            for n in good
        }
        for n in good:
            for m in good:
                if n == m:
                    continue
                shared = stars[n].keys() & stars[m].keys()
                if things[n] == things[m] or any(stars[n][key] != stars[m][key] for key in shared):
                    verdicts[n] = "quarantined"
        return verdicts

    def _load(self, receipt: int, delivery: Delivery) -> None:
        verdicts = self.judge(delivery)
        before = self.beliefs[-1] if self.beliefs else Belief({}, {})
        self.accepted.append(Accepted(delivery, receipt, verdicts))
        after, claims, names = self.belief(), self.claims(), self.names()
        counts = dict.fromkeys(
            ("rows", "loaded", "unchanged", "superseded", "duplicate", "retracted", "quarantined"),
            0,
        )
        counts["rows"] = len(delivery.rows)
        for row, verdict in zip(delivery.rows, verdicts, strict=True):
            if verdict != "good":
                counts[verdict] += 1
                continue
            thing = self.thing(delivery, row, names)
            counts[self._came_of(delivery, row, before, after, claims[thing])] += 1
        self.beliefs.append(after)
        self.loads.append(receipt)
        self.ledger[receipt] = Outcome(receipt, "loaded", counts)

    def _came_of(
        self, delivery: Delivery, row: Row, before: Belief, after: Belief, claims: list[Claim]
    ) -> str:
        """What became of a good row: loaded or retracted, unchanged, superseded."""
        retracts = delivery.mode == "retraction"
        star = self.feeds[delivery.feed].star(row.values)
        says = [] if retracts else list(resolved(star, self.names()))
        concerned = [*says, *(one for claim in claims for one in claim.star)]
        if any(before.of(one) != after.of(one) for one in concerned):
            return "retracted" if retracts else "loaded"
        feed = self.feeds[delivery.feed]
        if feed.dimension:
            day = feed.valid_from(delivery.period)
            believed = {(one.key, each) for one in concerned for each in after.on(one, day)}
            return (
                "unchanged" if believed == {(one.key, one.values) for one in says} else "superseded"
            )
        highest = max(
            (claim for claim in claims if claim.kind != "unreadable"), key=lambda claim: claim.rank
        )
        more = {one.key for one in highest.star} - {one.key for one in says}
        agrees = all(after.of(one)[0] == one.values for one in says) and not more
        return "unchanged" if agrees else "superseded"


def timeline(
    words: Iterable[Claim],
) -> Iterator[tuple[StarKey, tuple[tuple[str, str, tuple[Any, ...]], ...]]]:
    """A dimension, day by day: the word with the latest day holds, of one day the highest; equal neighbours are one."""
    by_day: dict[str, Claim] = {}
    for word in words:
        if word.day not in by_day or by_day[word.day].rank < word.rank:
            by_day[word.day] = word
    days = sorted(by_day)
    lines: dict[StarKey, list[tuple[str, str, tuple[Any, ...]]]] = defaultdict(list)
    for day, until in zip(days, [*days[1:], FOREVER], strict=True):
        for one in by_day[day].star:
            line = lines[(one.table, *one.key)]
            if line and line[-1][1] == day and line[-1][2] == one.values:
                line[-1] = (line[-1][0], until, one.values)
            else:
                line.append((day, until, one.values))
    for key, line in lines.items():
        yield key, tuple(line)


def resolved(rows: Iterable[StarRow], names: Mapping[str, str]) -> Iterator[StarRow]:
    """Star rows with the areas that their places stand for."""

    def meant(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(names.get(v, str(v)) if isinstance(v, Place) else v for v in values)

    for one in rows:
        yield StarRow(one.table, meant(one.key), meant(one.values))


def content(delivery: Delivery) -> tuple[Any, ...]:
    """What a delivery says, faults too; an empty column is no column."""
    return tuple(
        (
            tuple(
                sorted((k, v) for k, v in row.values.items() if v is not None and k != row.fault)
            ),
            row.fault,
        )
        for row in delivery.rows
    )


def _is_own(period: Period, name: str, value: Value) -> bool:
    """Whether a month (`2020-01-01`) or year is of the delivery's own period."""
    if name == "year":
        return period.start[:4] <= str(value) <= period.end[:4]
    return period.start[:7] <= str(value)[:7] <= period.end[:7]
