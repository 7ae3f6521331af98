"""The numbers of one reading: figures with their coverage, their bounds and their past, before anything is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

from etl.evaluate import doubts, figures, sensitive
from etl.evaluate.bounds import Bounds
from etl.evaluate.coverage import Coverage, cover
from etl.evaluate.figures import Figure
from etl.evaluate.known import Known
from etl.evaluate.past import Past
from etl.evaluate.score import assessment_month, composite
from etl.plan import Statement


class Computed(Known):
    """One reading of the warehouse, and the number of every computable indicator in it."""

    def figure(self, statement: Statement) -> Figure:
        """The number of a computable indicator; each is computed once a reading."""
        if statement.code not in self._figures:
            self._figures[statement.code] = self._figure(statement)
        return self._figures[statement.code]

    @cached_property
    def _figures(self) -> dict[str, Figure]:
        return {}

    def _figure(self, statement: Statement) -> Figure:
        if "score_of" in statement.definition:
            codes = statement.definition["score_of"]
            return Figure(self.score([self.figure(self.plan.statement(c)).value for c in codes]))
        return figures.figure(self.connection, statement, self.parameters(statement))

    def score(self, rates: Sequence[float | None]) -> float | None:
        """The score that the policy makes of the three rates."""
        first, second, third = rates
        return composite(self.policy, (first, second, third))

    def parameters(self, statement: Statement) -> dict[str, Any]:
        """What the indicator's query is run with."""
        return self._parameters(statement, self.as_of, self.seq, self.covered(statement).valid_on)

    def computed(self, statement: Statement) -> tuple[Figure, Coverage]:
        """The figure with what it hangs on; none where nothing has arrived, or no town reported."""
        coverage = self.covered(statement)
        if not coverage.loaded:
            # Nothing has arrived: that is no number, not nought.
            return Figure(None), coverage
        figure = self.figure(statement)
        absent, expected = self.absent(statement, figure, coverage)
        if expected:
            coverage = replace(
                coverage,
                missing_towns=len(absent),
                expected_towns=expected,
                town_names=tuple(absent.values()),
            )
            if statement.by_town and len(absent) == expected:
                figure = Figure(None)
        return figure, coverage

    def bounds(self, statement: Statement, figure: Figure, coverage: Coverage) -> Bounds:
        """What the rows in quarantine allow; each is computed once a reading."""
        if statement.code not in self._bounds:
            self._bounds[statement.code] = self._bounds_of(statement, figure, coverage)
        return self._bounds[statement.code]

    @cached_property
    def _bounds(self) -> dict[str, Bounds]:
        return {}

    def _bounds_of(self, statement: Statement, figure: Figure, coverage: Coverage) -> Bounds:
        if not coverage.loaded:
            return Bounds()
        if "score_of" in statement.definition:
            parts = [
                self.bounds(part, self.figure(part), self.covered(part))
                for part in map(self.plan.statement, statement.definition["score_of"])
            ]
            return sensitive.of_parts(parts, self.score)
        return doubts.bounds(
            self.connection,
            statement,
            self.parameters(statement),
            figure,
            self.doubts,
            concerned=coverage.concerned,
            unread=coverage.unread_rows,
        )

    def covered(self, statement: Statement) -> Coverage:
        """Which periods and days of the indicator's feeds are there."""
        start = self.plan.period_start(self.as_of)
        if statement.kind == "derived":
            start = assessment_month(self.policy, self.as_of).first
        return cover(statement, self.schedules, self.deliveries, start=start, as_of=self.as_of)

    def absent(
        self, statement: Statement, figure: Figure, coverage: Coverage
    ) -> tuple[dict[int, str], int]:
        """The towns that are missing, by key, and how many there should be.

        Of a report by towns every town of the register; of a snapshot every town that its feed
        had before. A later register that stands in is not asked: it is of another day.
        """
        if statement.by_town:
            absent = {key: name for key, name in self.towns.items() if key not in figure.areas}
            return dict(sorted(absent.items())), len(self.towns)
        late = {feed for feed, _ in coverage.later}
        towns = [
            row
            for feed in statement.feeds
            if feed not in late
            for row in self.feed_towns.get(feed, {}).values()
        ]
        return (
            {row.area_key: row.area_name for row in towns if not row.things},
            len({row.area_key for row in towns}),
        )

    def past(self, statement: Statement, coverage: Coverage) -> Past | None:
        """The figure's own past; None where it is read from another register."""
        if coverage.later:
            return None
        return Past(
            self.connection,
            statement,
            self.deliveries,
            lambda day, seq: self._parameters(statement, day, seq),
            self.places,
            self.as_of,
            self.seq,
        )

    def _parameters(
        self, statement: Statement, as_of: date, seq: int, valid_on: date | None = None
    ) -> dict[str, Any]:
        return figures.parameters(self.plan, statement, as_of, seq, self.policy, valid_on=valid_on)
