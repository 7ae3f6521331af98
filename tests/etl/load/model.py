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


class Unit(str):
    """A name of a handling unit; which are towns, the registers of areas say."""

    __slots__ = ()


Names = Mapping[tuple[type, str], str]
"""What a name of an area or of a unit stands for. Names that nobody explains stand for themselves."""


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
    total: bool = False
    """The file ends with a row 合计, which is no row of the delivery."""
    withdraw_after: int | None = None
    """If it was loaded: after so many further arrivals a person withdraws it."""


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
    days: Mapping[str, Callable[[Period], str]] = field(default_factory=dict)
    """For a feed of dimensions: from which day a delivery's word holds, by table."""
    registered: Mapping[str, str] = field(default_factory=dict)
    """Fields that must name an area of this level, once the register knows any."""
    source_time: str = ""
    own_time: str = ""
    """The field that is a periodic fact's own month or year."""
    scope: tuple[str, ...] = ()
    min_share: float = 0.7
    hold_resave: bool = True
    hold_volume: bool = True
    aliases: Callable[[list[Mapping[str, Value]]], list[tuple[type, str, str]]] | None = None
    """For a register of areas: the (kind, name, id) triples of its good rows."""


@dataclass
class Accepted:
    """A delivery that is `loaded`, with the verdict on each of its rows."""

    delivery: Delivery
    receipt: int
    verdicts: list[str]
    """good, duplicate, quarantined; keyless: in quarantine, and nobody can say what it is about"""
    unregistered: frozenset[int] = frozenset()
    """Rows that name an area which the register did not know."""

    def rows(self) -> Iterator[tuple[int, Row, str]]:
        """Number, row and verdict."""
        for number, row in enumerate(self.delivery.rows):
            yield number, row, self.verdicts[number]


@dataclass(frozen=True)
class Claim:
    """What one delivery says of one thing."""

    kind: str
    """row, unreadable, retracted, absent"""
    thing: Thing
    rank: Rank
    days: Mapping[str, str]
    """From which day it holds, by table of dimensions."""
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

    def of(self, row: StarRow) -> Any:
        """All that is believed of a star row's key."""
        key = (row.table, *row.key)
        return self.facts.get(key, ()), self.versions.get(key, ())

    def on(self, row: StarRow, day: str) -> list[tuple[Any, ...]]:
        """What is believed of a star row's key on a day."""
        line = self.versions.get((row.table, *row.key), ())
        return [values for start, end, values in line if start <= day < end]


COUNTS = (
    *("rows", "loaded", "unchanged", "superseded", "duplicate", "retracted", "quarantined"),
    "totals_dropped",
)
"""What the ledger counts; `rows` is the sum of the others."""
MODES = {"full": 0, "delta": 0, "window": 0, "correction": 1, "retraction": 1}


class World:
    """Feeds, what was accepted of them in the order of loading, what is held, and the ledger."""

    def __init__(self, feeds: Mapping[str, Feed]) -> None:
        self.feeds = feeds
        self.accepted: list[Accepted] = []
        self.held: dict[int, Delivery] = {}
        self.waits_for: dict[int, list[int]] = {}
        """Of a held correction or retraction: the rows that were good when it was held."""
        self.ledger: dict[int, Outcome] = {}
        self.loads: list[int] = []
        """Receipts in the order of their loads: commit by commit."""
        self.beliefs: list[Belief] = []
        """What was believed after each commit."""
        self.withdrawn: list[Accepted] = []
        self.repaired: set[tuple[int, int]] = set()
        """Entries without a readable key that something has repaired: that is guessed, not known, so it is given."""

    # ------------------------------------------------------------------ events
    def arrive(self, receipt: int, delivery: Delivery, *, resume: bool = True) -> None:
        """A delivery is received and carried as far as it goes; then, if asked for, what it resumes."""
        self._carry(receipt, delivery)
        if resume:
            self.go_on()

    def release(self, receipt: int) -> None:
        """A person lets a held delivery pass."""
        self._load(receipt, self.held.pop(receipt))
        self.go_on()

    def withdraw(self, receipt: int) -> None:
        """A person takes a loaded delivery back: as if it had never been accepted, but for members that it derived."""
        (accepted,) = (accepted for accepted in self.accepted if accepted.receipt == receipt)
        self.accepted.remove(accepted)
        self.withdrawn.append(accepted)
        self.repaired = set()
        self.beliefs.append(self.belief())
        self.loads.append(receipt)
        self.ledger[receipt] = Outcome(receipt, "withdrawn")

    def _carry(self, receipt: int, delivery: Delivery) -> None:
        reasons = frozenset(self._suspicions(delivery))
        if self._is_repetition(delivery):
            self.ledger[receipt] = Outcome(receipt, "duplicate")
        elif reasons:
            self.held[receipt] = delivery
            verdicts, _ = self.judge(delivery)
            self.waits_for[receipt] = [n for n, v in enumerate(verdicts) if v == "good"]
            self.ledger[receipt] = Outcome(receipt, "held", reasons=reasons)
        else:
            self._load(receipt, delivery)

    def go_on(self) -> None:
        """What was held for a thing that has become known goes on by itself, in the order of receipt."""
        for receipt in sorted(self.held):
            waiting = self.ledger[receipt].reasons == {"unknown"}
            if waiting and self._is_known_by_now(receipt):
                self._carry(receipt, self.held.pop(receipt))
                self.go_on()
                return

    def _is_known_by_now(self, receipt: int) -> bool:
        names, delivery = self.names(), self.held[receipt]
        told = {claim.thing for claim in self._told(names)}
        rows = (delivery.rows[number] for number in self.waits_for[receipt])
        return {self.thing(delivery, row, names) for row in rows} <= told

    # ------------------------------------------------- before a delivery counts
    def _is_repetition(self, delivery: Delivery) -> bool:
        """The content of the delivery of that feed, period and mode that was loaded last and received last."""
        same = [
            accepted
            for accepted in self.accepted
            if (accepted.delivery.feed, accepted.delivery.period, accepted.delivery.mode)
            == (delivery.feed, delivery.period, delivery.mode)
        ]
        if not same or same[-1].receipt != max(accepted.receipt for accepted in same):
            return False
        # What was kept out because a register did not know it may be known now: it is judged anew.
        anew = any(
            entry.open and entry.row in same[-1].unregistered
            for entry in self.entries()
            if entry.receipt == same[-1].receipt
        )
        return not anew and content(same[-1].delivery) == content(delivery)

    def _suspicions(self, delivery: Delivery) -> Iterator[str]:
        feed = self.feeds[delivery.feed]
        if any(
            accepted.delivery.feed == feed.name and content(accepted.delivery) == content(delivery)
            for accepted in self.withdrawn
        ):
            yield "withdrawn_before"
        others = [accepted for accepted in self.accepted if accepted.delivery.feed == feed.name]
        if feed.hold_resave and any(
            accepted.delivery.mode == delivery.mode
            and accepted.delivery.period.end != delivery.period.end
            and content(accepted.delivery) == content(delivery)
            for accepted in others
        ):
            yield "resaved_period"
        before = [
            accepted
            for accepted in others
            if accepted.delivery.mode == "full"
            and accepted.delivery.period.end < delivery.period.end
        ]
        if feed.hold_volume and delivery.mode == "full" and before:
            last = max(
                before, key=lambda accepted: (accepted.delivery.period.end, accepted.receipt)
            )
            if len(delivery.rows) < feed.min_share * len(last.delivery.rows):
                yield "volume"
        if self._unknown(delivery):
            yield "unknown"

    def _unknown(self, delivery: Delivery) -> bool:
        """A correction or retraction of a thing that nobody has told of."""
        if MODES[delivery.mode] == 0:
            return False
        if delivery.mode == "correction" and any(
            verdict == "keyless" and (accepted.receipt, number) not in self.repaired
            for accepted in self.accepted
            if (accepted.delivery.feed, accepted.delivery.period)
            == (delivery.feed, delivery.period)
            for number, _, verdict in accepted.rows()
        ):
            return False
        names = self.names()
        told = {claim.thing for claim in self._told(names)}
        verdicts, _ = self.judge(delivery)
        things = {
            self.thing(delivery, row, names)
            for row, verdict in zip(delivery.rows, verdicts, strict=True)
            if verdict == "good"
        }
        return bool(things - told)

    # ------------------------------------------------------------- names, things
    def names(self) -> Names:
        """Of several registers the newest that gives a name counts; what it gives to two things, neither gets."""
        given: dict[tuple[type, str], list[tuple[Rank, set[str]]]] = defaultdict(list)
        codes: set[str] = set()
        for accepted in self.accepted:
            feed = self.feeds[accepted.delivery.feed]
            if feed.aliases is None or accepted.delivery.mode == "retraction":
                continue
            good = [row.values for _, row, verdict in accepted.rows() if verdict == "good"]
            codes |= {str(values[feed.key[0]]) for values in good}
            meanings: dict[tuple[type, str], set[str]] = defaultdict(set)
            for kind, name, meant in feed.aliases(good):
                meanings[kind, name].add(meant)
            for name, things in meanings.items():
                given[name].append((self.rank(accepted.delivery, accepted.receipt, None), things))
        newest = {
            name: max(tellings, key=lambda each: each[0])[1] for name, tellings in given.items()
        }
        return {
            (kind, name): next(iter(things))
            for (kind, name), things in newest.items()
            if len(things) == 1 and name not in codes
        }

    def thing(self, delivery: Delivery, row: Row, names: Names) -> Thing:
        """What a row is about."""
        feed = self.feeds[delivery.feed]
        key = (self._meant(feed, name, row, names) for name in feed.key)
        return (feed.name, *key)

    def _meant(self, feed: Feed, name: str, row: Row, names: Names) -> Value:
        value = row.values.get(name)
        return names.get((Place, str(value)), value) if name in feed.places else value

    def _unregistered(self, delivery: Delivery, row: Row, names: Names) -> set[str]:
        """The fields that name no area of the level that they must."""
        areas = {key[1]: line for key, line in self.versions.items() if key[0] == "dim_area"}
        unregistered = set()
        for name, level in self.feeds[delivery.feed].registered.items():
            known = {
                code
                for code, line in areas.items()
                if any(values[2] == level for _, _, values in line)
            }
            value = row.values.get(name)
            meant = names.get((Place, str(value)), value)
            if known and value is not None and name != row.fault and meant not in known:
                unregistered.add(name)
        return unregistered

    @property
    def versions(self) -> Mapping[StarKey, tuple[tuple[str, str, tuple[Any, ...]], ...]]:
        """The dimensions as they are believed now."""
        return self.beliefs[-1].versions if self.beliefs else {}

    # --------------------------------------------------------------------- claims
    def source_time(self, delivery: Delivery, row: Row | None) -> str:
        """By its own account; '' is the lowest. An absence, or a correction without one: the end of the period."""
        feed = self.feeds[delivery.feed]
        if not feed.source_time:
            return ""
        given = str(row.values.get(feed.source_time) or "") if row else ""
        if row and row.fault == feed.source_time:
            given = ""
        if given:
            return given if given <= RECEIVED else ""
        return f"{delivery.period.end} 24:00:00" if row is None or MODES[delivery.mode] else ""

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

    def _told(self, names: Names) -> Iterator[Claim]:
        """Row, unreadable and retracted claims."""
        for accepted in self.accepted:
            feed = self.feeds[accepted.delivery.feed]
            good = "retracted" if accepted.delivery.mode == "retraction" else "row"
            for number, row, verdict in accepted.rows():
                if verdict in ("duplicate", "keyless"):
                    continue
                kind = good if verdict == "good" else "unreadable"
                yield Claim(
                    kind,
                    self.thing(accepted.delivery, row, names),
                    self.rank(accepted.delivery, accepted.receipt, row),
                    _days(feed, accepted.delivery),
                    tuple(resolved(feed.star(row.values), names)) if kind == "row" else (),
                    accepted.receipt,
                    number,
                )

    def claims(self) -> dict[Thing, list[Claim]]:
        """All claims, by thing."""
        names = self.names()
        by_thing: dict[Thing, list[Claim]] = defaultdict(list)
        for claim in self._told(names):
            by_thing[claim.thing].append(claim)
        for accepted in self.accepted:
            if accepted.delivery.mode != "full" or "keyless" in accepted.verdicts:
                continue
            feed = self.feeds[accepted.delivery.feed]
            mentioned = {
                self.thing(accepted.delivery, row, names) for row in accepted.delivery.rows
            }
            for thing, claims in by_thing.items():
                absent = thing[0] == feed.name and thing not in mentioned
                if absent and self._speaks(accepted, feed, thing):
                    rank = self.rank(accepted.delivery, accepted.receipt, None, thing)
                    days = _days(feed, accepted.delivery)
                    claims.append(Claim("absent", thing, rank, days, receipt=accepted.receipt))
        return by_thing

    def _speaks(self, accepted: Accepted, feed: Feed, thing: Thing) -> bool:
        """Whether a snapshot's word extends to the thing: its month or year, and the values of the scope, occur in it."""
        for name in dict.fromkeys((feed.own_time, *feed.scope)):
            if not name:
                continue
            value = thing[1 + feed.key.index(name)]
            here = self._occurs(accepted, name, value)
            if not here:
                return False
            if name in ("month", "year") and not _is_own(accepted.delivery.period, name, value):
                fullest = max(
                    self._occurs(other, name, value)
                    for other in self.accepted
                    if other.delivery.feed == feed.name and other.delivery.mode == "full"
                )
                if here < feed.min_share * fullest:
                    return False
        return True

    def _occurs(self, accepted: Accepted, name: str, value: Value) -> int:
        return sum(
            verdict != "keyless" and row.values.get(name) == value
            for _, row, verdict in accepted.rows()
        )

    # --------------------------------------------------------------------- belief
    def belief(self) -> Belief:
        """What the star must hold."""
        names = self.names()
        facts: dict[StarKey, tuple[Rank, tuple[Any, ...]]] = {}
        versions: dict[StarKey, tuple[tuple[str, str, tuple[Any, ...]], ...]] = {}
        for accepted in (*self.withdrawn, *self.accepted):
            if accepted.delivery.mode == "retraction":
                continue
            derive = self.feeds[accepted.delivery.feed].derived
            for _, row, verdict in accepted.rows():
                if verdict == "good":
                    for member in resolved(derive(row.values), names):
                        line = ((SINCE_EVER, FOREVER, member.values),)
                        versions[(member.table, *member.key)] = line
        for thing, claims in self.claims().items():
            words = [claim for claim in claims if claim.kind != "unreadable"]
            if not words:
                continue
            # Members that a row tells of rank above derived ones.
            for table in self.feeds[thing[0]].days:
                versions |= timeline(table, words)
            highest = max(words, key=lambda claim: claim.rank)
            for row in highest.star:
                key = (row.table, *row.key)
                if row.table in self.feeds[thing[0]].days:
                    continue
                if key not in facts or facts[key][0] < highest.rank:
                    facts[key] = (highest.rank, row.values)
        return Belief({key: values for key, (_, values) in facts.items()}, versions)

    def entries(self) -> list[Entry]:
        """The quarantine. An entry is closed when a row of the same thing outranks it."""
        names, claims = self.names(), self.claims()
        periods = {accepted.receipt: accepted.delivery.period for accepted in self.accepted}
        entries = []
        for accepted in self.accepted:
            snapshots = self.feeds[accepted.delivery.feed].mode == "full"
            for number, row, verdict in accepted.rows():
                if verdict not in ("quarantined", "keyless"):
                    continue
                answered = (accepted.receipt, number) in self.repaired
                if verdict == "quarantined":
                    answered = any(
                        claim.kind == "row"
                        and claim.rank > self.rank(accepted.delivery, accepted.receipt, row)
                        and (not snapshots or periods[claim.receipt] == accepted.delivery.period)
                        for claim in claims[self.thing(accepted.delivery, row, names)]
                    )
                entries.append(Entry(accepted.receipt, number, not answered))
        return sorted(entries, key=lambda entry: (entry.receipt, entry.row))

    # ----------------------------------------------------------------------- load
    def judge(self, delivery: Delivery) -> tuple[list[str], frozenset[int]]:
        """The verdict on each row of a file, and which rows name areas that the register does not know."""
        feed, names = self.feeds[delivery.feed], self.names()
        verdicts, unregistered = [], set()
        for n, row in enumerate(delivery.rows):
            unknown = self._unregistered(delivery, row, names)
            faulty = {row.fault, *unknown} - {""}
            keyless = faulty & set(feed.key) or any(row.values.get(k) is None for k in feed.key)
            verdicts.append("keyless" if keyless else "quarantined" if faulty else "good")
            if unknown:
                unregistered.add(n)
        good = [n for n, verdict in enumerate(verdicts) if verdict == "good"]
        things = {n: self.thing(delivery, delivery.rows[n], names) for n in good}
        fields = {
            n: {
                name: self._meant(feed, name, delivery.rows[n], names)
                for name in delivery.rows[n].values
                if name != feed.source_time
            }
            for n in good
        }
        times = {n: self.source_time(delivery, delivery.rows[n]) for n in good}
        for n in good:
            repeats = any(
                fields[m] == fields[n] and (times[n], -n) < (times[m], -m) for m in good if m != n
            )
            outdated = any(things[m] == things[n] and times[m] > times[n] for m in good)
            if repeats or outdated:
                verdicts[n] = "duplicate"
        good = [n for n in good if verdicts[n] == "good"]
        stars = {
            n: {
                (star_row.table, *star_row.key): star_row.values
                for star_row in resolved(feed.star(delivery.rows[n].values), names)
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
        return verdicts, frozenset(unregistered)

    def _load(self, receipt: int, delivery: Delivery) -> None:
        verdicts, unregistered = self.judge(delivery)
        before = self.beliefs[-1] if self.beliefs else Belief({}, {})
        self.accepted.append(Accepted(delivery, receipt, verdicts, unregistered))
        after, claims, names = self.belief(), self.claims(), self.names()
        counts = dict.fromkeys(COUNTS, 0)
        counts["totals_dropped"] = int(delivery.total)
        counts["rows"] = len(delivery.rows) + counts["totals_dropped"]
        told = self._told_of(delivery, verdicts, names)
        for row, verdict in zip(delivery.rows, verdicts, strict=True):
            if verdict != "good":
                counts["quarantined" if verdict == "keyless" else verdict] += 1
                continue
            thing = self.thing(delivery, row, names)
            counts[self._came_of(delivery, row, before, after, claims[thing], told)] += 1
        self.beliefs.append(after)
        self.loads.append(receipt)
        self.ledger[receipt] = Outcome(receipt, "loaded", counts)

    def _told_of(self, delivery: Delivery, verdicts: list[str], names: Names) -> set[StarKey]:
        """The rows of the star to which the delivery's good rows lead."""
        if delivery.mode == "retraction":
            return set()
        feed = self.feeds[delivery.feed]
        good = (
            row for row, verdict in zip(delivery.rows, verdicts, strict=True) if verdict == "good"
        )
        return {
            (star_row.table, *star_row.key)
            for row in good
            for star_row in resolved(feed.star(row.values), names)
        }

    def _came_of(
        self,
        delivery: Delivery,
        row: Row,
        before: Belief,
        after: Belief,
        claims: list[Claim],
        told: set[StarKey],
    ) -> str:
        """What became of a good row: loaded or retracted, unchanged, superseded.

        What was told of its thing before is its doing too, unless a row of the delivery tells of that.
        """
        retracts = delivery.mode == "retraction"
        star = self.feeds[delivery.feed].star(row.values)
        says = [] if retracts else list(resolved(star, self.names()))
        earlier = (star_row for claim in claims for star_row in claim.star)
        concerned = [
            *says,
            *(star_row for star_row in earlier if (star_row.table, *star_row.key) not in told),
        ]
        if any(before.of(star_row) != after.of(star_row) for star_row in concerned):
            return "retracted" if retracts else "loaded"
        feed = self.feeds[delivery.feed]
        if feed.days:
            days = _days(feed, delivery)
            believed = {
                (star_row.table, star_row.key, each)
                for star_row in concerned
                for each in after.on(star_row, days[star_row.table])
            }
            told = {(star_row.table, star_row.key, star_row.values) for star_row in says}
            return "unchanged" if believed == told else "superseded"
        highest = max(
            (claim for claim in claims if claim.kind != "unreadable"), key=lambda claim: claim.rank
        )
        more = {(star_row.table, star_row.key) for star_row in highest.star} - {
            (o.table, o.key) for o in says
        }
        agrees = all(after.of(star_row)[0] == star_row.values for star_row in says) and not more
        return "unchanged" if agrees else "superseded"


def timeline(
    table: str, words: Iterable[Claim]
) -> dict[StarKey, tuple[tuple[str, str, tuple[Any, ...]], ...]]:
    """A dimension, day by day: the word with the latest day holds, of one day the highest; equal neighbours are one."""
    by_day: dict[str, Claim] = {}
    for word in words:
        day = word.days[table]
        if day not in by_day or by_day[day].rank < word.rank:
            by_day[day] = word
    days = sorted(by_day)
    lines: dict[StarKey, list[tuple[str, str, tuple[Any, ...]]]] = defaultdict(list)
    for day, until in zip(days, [*days[1:], FOREVER], strict=True):
        for row in by_day[day].star:
            if row.table != table:
                continue
            line = lines[(row.table, *row.key)]
            if line and line[-1][1] == day and line[-1][2] == row.values:
                line[-1] = (line[-1][0], until, row.values)
            else:
                line.append((day, until, row.values))
    return {key: tuple(line) for key, line in lines.items()}


def resolved(rows: Iterable[StarRow], names: Names) -> Iterator[StarRow]:
    """Star rows with what their names stand for."""

    def meant(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            names.get((type(v), str(v)), str(v)) if isinstance(v, Place | Unit) else v
            for v in values
        )

    for row in rows:
        yield StarRow(row.table, meant(row.key), meant(row.values))


def _days(feed: Feed, delivery: Delivery) -> dict[str, str]:
    return {table: day(delivery.period) for table, day in feed.days.items()}


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
