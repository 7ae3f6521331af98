"""Compare figures at two readings, each a day and a known time: movement and revision apart, revision by cause.

The path (domain.md, rule 12): first the revision of the first day, V(a1, k1) to V(a1, k2), then the movement, V(a1, k2) to
V(a2, k2). The revision goes commit by commit in the order in which things became known; then the second
reading's definition and score policy are put in the place of the first one's, then its boundaries. So the movement is
between figures that are counted alike. A quotient is what its sums are at each step; within one commit causes are
applied in the order of `causes.CAUSES`. Parts of a path add up by themselves, whatever the formula.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from etl.context import Context
from etl.database import sql_file
from etl.definitions import FORMULAS
from etl.errors import UsageError
from etl.evaluate import causes, figures
from etl.evaluate.causes import BOUNDARY, DEFINITION
from etl.evaluate.compared import Compared, End, Step
from etl.evaluate.coverage import Schedule
from etl.evaluate.doubts import tables_of
from etl.evaluate.exact import (
    NOUGHT,
    Change,
    Things,
    Totals,
    added,
    changes,
    exact,
    quotient,
    things,
    total,
)
from etl.evaluate.known import DECLARATIONS, REGISTER
from etl.evaluate.run import Reading, reading, schedules
from etl.load.targets import Target
from etl.plan import Plan, ScorePolicy, Statement
from etl.progress import report
from etl.reasons import Catalogue
from etl.settings import Settings

MESSAGES = Catalogue(__file__)


@dataclass(frozen=True)
class Asked:
    """One of the two readings, as it is asked for."""

    as_of: date | None = None
    """The last month's end that data cover unless given; of the first reading the second one's day."""
    known_at: datetime | None = None
    definition: str | None = None
    """A definition's version, instead of the one in force on the day."""
    policy: str | None = None
    plan: Plan | None = None
    """A plan of another time, such as a published version keeps, instead of the program's."""
    formulas: Path | None = None
    """The folder of that plan's formulas."""


def compare(
    before: Asked,
    after: Asked,
    settings: Settings | None = None,
    *,
    code: str | None = None,
    area: str | None = None,
    hotline: bool = False,
) -> list[Compared]:
    """Compare one figure, or all that have a number, of the district or of an area (code, or name of a town).

    UsageError if the second reading knows less than the first, or if there is no such area or indicator.
    """
    ctx = Context.of(settings)
    with reading(ctx) as connection:
        both = Comparison(connection, schedules(ctx), before, after, area=area)
        return list(both.all(hotline=hotline) if code is None else [both.of(code)])


@dataclass(frozen=True)
class _Rules:
    """How a reading counts: its plan with the definitions in force, its score policy."""

    plan: Plan
    policy: ScorePolicy
    formulas: Path


@dataclass(frozen=True)
class _Look:
    """The things of an indicator at one point of the path."""

    things: Things
    digest: Any = None


class Comparison:
    """Two readings of one warehouse, and every figure between them."""

    def __init__(
        self,
        connection: sa.Connection,
        schedule: Mapping[str, Schedule],
        before: Asked,
        after: Asked,
        *,
        area: str | None = None,
    ) -> None:
        self.connection, self.schedules = connection, schedule
        self._asked = (before, after)
        self.after = self._end_of(after, after.as_of)
        self.before = self._end_of(before, before.as_of or self.after.as_of)
        ends = (self.before, self.after)
        if self.before.seq > self.after.seq:
            raise UsageError(
                MESSAGES.reason(
                    "compare_backwards", found=self.before.moment.at, expected=self.after.moment.at
                )
            )
        self._rules = [
            _Rules(end.plan, end.policy, asked.formulas or FORMULAS)
            for end, asked in zip(ends, (before, after), strict=True)
        ]
        self._looked: dict[tuple[Any, ...], Reading] = {}
        self._placed: dict[tuple[date, int], Mapping[int, Any]] = {}
        self.area = None if area is None else self._area(area)

    def _end_of(self, asked: Asked, day: date | None) -> Reading:
        given = (day, asked.known_at, asked.policy, asked.definition, asked.plan)
        return Reading(self.connection, self.schedules, *given)

    def all(self, *, hotline: bool = False) -> Iterator[Compared]:
        """Every indicator that has a number at one of the two readings, in the plan's order."""
        shown = [s for s in self.after.plan.statements if s.in_chapter or hotline]
        for number, statement in enumerate(shown):
            report(f"比较 / comparing {statement.code}", number, len(shown))
            if self.area is not None and not figures.has_query(statement):
                continue
            compared = self.of(statement.code)
            if (compared.before.value, compared.after.value) != (None, None):
                yield compared

    def of(self, code: str) -> Compared:
        """One indicator.

        UsageError if the plan lacks it; MinshengError if the program's rule for it changed under a version that was kept.
        """
        for end, asked in zip((self.before, self.after), self._asked, strict=True):
            if asked.plan is None:
                end.refuse_changed({code})
        old, new = self._rules
        day, later = self.before.as_of, self.after.as_of
        known, seq = self.before.seq, self.after.seq
        path = _Path(self, code, day, known, old)
        first = self._figure(old, code, day, known)
        steps: list[Step] = []
        targets = self._targets(code)
        for commit in self._commits(code, targets):
            made = path.go(day, commit.seq, old)
            for cause, some in causes.by_cause(self.connection, commit, made, targets).items():
                steps.append(Step(cause, path.apply(some), some, commit))
        steps += path.step(DEFINITION, day, seq, new)
        steps += path.step(BOUNDARY, day, seq, new, placed_on=later)
        moved = path.go(later, seq, new, placed_on=later)
        movement = path.apply(moved)
        return Compared(
            new.plan.statement(code),
            self._end(self.before, old, code, first),
            self._end(self.after, new, code, self._figure(new, code, later, seq)),
            steps,
            movement,
            moved,
        )

    def _end(self, of: Reading, rules: _Rules, code: str, value: Fraction | None) -> End:
        version = rules.plan.statement(code).definition_version
        return End(of.as_of, of.moment.at, of.seq, version, rules.policy.policy_code, value)

    # What is read.

    def reading(self, rules: _Rules, day: date, seq: int) -> Reading:
        """A reading of a day at a commit by given rules."""
        key = (id(rules), day, seq)
        if key not in self._looked:
            now = Reading(self.connection, self.schedules, day, self.after.asked_known_at)
            moment = SimpleNamespace(seq=seq, at=None)
            now.__dict__.update(plan=rules.plan, policy=rules.policy, moment=moment)
            self._looked = {key: now}  # the next indicator's path begins elsewhere
        return self._looked[key]

    def measures(self, rules: _Rules, code: str) -> Sequence[Statement]:
        """The statement itself, or the three that its score is made of."""
        statement = rules.plan.statement(code)
        parts = statement.definition.get("score_of", ())
        return [rules.plan.statement(part) for part in parts] or [statement]

    def things(
        self, rules: _Rules, code: str, day: date, seq: int, placed_on: date, before: _Look | None
    ) -> _Look:
        """What contributes to an indicator; `before` itself if nothing changed since."""
        with figures.formulas_in(rules.formulas):
            return self._things(rules, code, day, seq, placed_on, before)

    def _things(
        self, rules: _Rules, code: str, day: date, seq: int, placed_on: date, before: _Look | None
    ) -> _Look:
        now = self.reading(rules, day, seq)
        places = self._places(placed_on, seq) if self.area is not None else None
        asked = [(each, self._given(now, each)) for each in self.measures(rules, code)]
        digest = [
            None if given is None else figures.run(self.connection, each, "evaluate/digest.sql", given)
            if figures.has_query(each) else given
            for each, given in asked
        ]  # fmt: skip
        digest = [*digest, id(places), rules.policy]
        if before is not None and before.digest == digest:
            return before
        found: dict[Any, Any] = {}
        for each, given in asked:
            if given is None:
                continue
            rows = (
                figures.run(self.connection, each, "evaluate/things.sql", given)
                if figures.has_query(each)
                else [given]
            )
            found.update(things(each.code, rows, self._within(places)))
        return _Look(found, digest)

    def _given(self, now: Reading, statement: Statement) -> Any:
        """The parameters of its query; of a declared figure its declaration; None where there is no figure."""
        if not figures.has_query(statement):
            declared = now.declarations.get(statement.code)
            version = statement.definition_version
            if declared is None or declared.value is None or declared.definition_version != version:
                return None
            return _Declared(declared.value, [declared.delivery_id], [declared.row_no])
        if not now.covered(statement).loaded:
            return None
        if statement.by_town and now.computed(statement)[0].value is None:
            return None
        return now.parameters(statement)

    def _figure(self, rules: _Rules, code: str, day: date, seq: int) -> Fraction | None:
        """The figure as the evaluation has it: its own sum in the database, not that of the things."""
        with figures.formulas_in(rules.formulas):
            return self._summed(rules, code, day, seq)

    def _summed(self, rules: _Rules, code: str, day: date, seq: int) -> Fraction | None:
        now = self.reading(rules, day, seq)
        within = self._within(self._places(day, seq) if self.area is not None else None)
        totals: Totals = {}
        for each in self.measures(rules, code):
            given = self._given(now, each)
            if given is None:
                continue
            if not figures.has_query(each):
                totals[each.code] = (exact(given.numerator), NOUGHT)
                continue
            figure = now.figure(each)
            parts = [(figure.numerator, figure.denominator)]
            if self.area is not None:
                parts = [part for area, part in figure.by_area.items() if within(area)]
            above, below = ([exact(part[n]) for part in parts] for n in (0, 1))
            totals[each.code] = (sum(above, NOUGHT), sum(below, NOUGHT))
        return self.value(rules, code, totals) if totals else None

    def value(self, rules: _Rules, code: str, totals: Totals) -> Fraction | None:
        """What sums make of a figure; None where there is nothing to divide by."""
        statement = rules.plan.statement(code)
        if "score_of" in statement.definition:
            rates = [quotient(*totals.get(c, _NOTHING)) for c in statement.definition["score_of"]]
            policy = rules.policy
            weights = (policy.w_response, policy.w_resolution, policy.w_satisfaction)
            if None in rates:
                return None
            return 100 * sum((_plain(w) * (r or 0) for w, r in zip(weights, rates, strict=True)), NOUGHT)  # fmt: skip
        numerator, denominator = totals.get(code, _NOTHING)
        return quotient(numerator, denominator) if figures.is_ratio(statement) else numerator

    def _targets(self, code: str) -> Sequence[Target]:
        """The tables of the star that an indicator reads, by either reading's rules."""
        tables = {"fact_declaration"}
        for rules in self._rules:
            for each in self.measures(rules, code):
                if figures.has_query(each):
                    with figures.formulas_in(rules.formulas):
                        tables.update(tables_of(each))
                        tables.discard("fact_declaration")
        targets = self.after.targets_of_star
        return [targets[name] for name in sorted(tables & set(targets))]

    def _commits(self, code: str, targets: Sequence[Target]) -> Sequence[Any]:
        feeds = {DECLARATIONS} if self.after.plan.statement(code).computable != "C" else set()
        for rules in self._rules:
            for each in self.measures(rules, code):
                feeds.update(each.feeds)
        if self.area is not None:
            feeds.add(REGISTER)
        touched = " UNION ".join(
            f"SELECT {edge} AS seq FROM known.{target.name} WHERE {edge} > :after AND {edge} <= :upto"
            for target in targets
            for edge in ("known_from", "known_to")
        )
        text = sql_file("evaluate/compare_commits.sql").format_map({"touched": touched})
        values = {"after": self.before.seq, "upto": self.after.seq, "feeds": sorted(feeds)}
        return self.connection.execute(sa.text(text), values).all()

    # Where it is.

    def _area(self, asked: str) -> int:
        places = self._places(self.after.as_of, self.after.seq)
        found = {
            place.area_key
            for place in places.values()
            if asked in (place.area_code, place.area_name)
        }
        if len(found) != 1:
            raise UsageError(MESSAGES.reason("compare_no_area", found=asked))
        return int(found.pop())

    def _places(self, day: date, seq: int) -> Mapping[int, Any]:
        key = (day, seq)
        if key not in self._placed:
            rows = self.connection.execute(
                sa.text(sql_file("evaluate/compare_places.sql")), {"day": day, "known_at": seq}
            )
            found = {row.area_key: row for row in rows}
            # The same places are the same object: what hangs on them need not be read again.
            self._placed[key] = next((p for p in self._placed.values() if p == found), found)
        return self._placed[key]

    def _within(self, places: Mapping[int, Any] | None) -> Callable[[int], bool]:
        if places is None:
            return lambda _: True
        whole = places.get(self.area or 0)
        if whole is not None and whole.area_level == "district":
            return lambda _: True
        return lambda key: key == self.area or (key in places and places[key].town_key == self.area)


_NOTHING = (NOUGHT, NOUGHT)


@dataclass(frozen=True)
class _Declared:
    numerator: float | None
    delivery_ids: Sequence[int]
    row_nos: Sequence[int]
    area_key: int = -1
    entity: str = "申报 declared"
    denominator: None = None


class _Path:
    """A figure on its way from the first reading to the second: where it is, and what its sums are."""

    def __init__(self, both: Comparison, code: str, day: date, seq: int, rules: _Rules) -> None:
        self.both, self.code, self.rules = both, code, rules
        self.look = both.things(rules, code, day, seq, day, None)
        self.totals = total(self.look.things)

    def go(self, day: date, seq: int, rules: _Rules, placed_on: date | None = None) -> list[Change]:
        """Read on at another point; returns what changed, which is still to be applied."""
        look = self.both.things(rules, self.code, day, seq, placed_on or day, self.look)
        made = [] if look is self.look else changes(self.look.things, look.things)
        self.look = look
        return made

    def apply(self, made: Iterable[Change], rules: _Rules | None = None) -> Fraction:
        """Add changes (and count by other rules from now on); returns by how much the figure moved."""
        before = self._value()
        self.totals = added(self.totals, made)
        self.rules = rules or self.rules
        return self._value() - before

    def step(
        self, cause: str, day: date, seq: int, rules: _Rules, placed_on: date | None = None
    ) -> list[Step]:
        """A step that is one cause as a whole; none if nothing changed by it."""
        made = self.go(day, seq, rules, placed_on)
        part = self.apply(made, rules)
        return [Step(cause, part, made)] if made or part else []

    def _value(self) -> Fraction:
        return self.both.value(self.rules, self.code, self.totals) or NOUGHT


def _plain(weight: float) -> Fraction:
    return Fraction(Decimal(repr(weight)))
