"""What one reading of the warehouse knows: its day, its known time, and everything that is not a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from etl.database import sql_file
from etl.evaluate.coverage import Schedule
from etl.evaluate.doubts import Doubts, open_rows
from etl.evaluate.places import placed
from etl.load.targets import Target, read_targets
from etl.plan import Plan, ScorePolicy, load_plan

BEIJING = timezone(timedelta(hours=8))
DECLARATIONS, TARGETS = "reference.declaration", "reference.plan_target"
REGISTER = "reference.division"
"""The feed of the register of areas."""
NOTHING = "reference.delivery_register"
"""The feed in which departments say that there was nothing to report."""


@dataclass
class Known:
    """One reading of the warehouse: a day, a known time, and what is needed for every indicator."""

    connection: sa.Connection
    schedules: Mapping[str, Schedule]
    asked_as_of: date | None = None
    asked_known_at: datetime | None = None
    asked_policy: str | None = None
    asked_definition: str | None = None
    kept_plan: Plan | None = None
    """A plan of another time, instead of the program's."""

    @property
    def whole_plan(self) -> Plan:
        """The plan with all definitions."""
        return self.kept_plan or load_plan()

    @cached_property
    def plan(self) -> Plan:
        """The plan by the definitions in force on the day; by those of the version asked for where there are such."""
        return self.whole_plan.on(self.as_of, self.asked_definition)

    @cached_property
    def moment(self) -> Any:
        """The last commit that this reading knows of, its number and its time."""
        moment = self.asked_known_at
        if moment is not None and moment.tzinfo is None:
            moment = moment.replace(tzinfo=BEIJING)
        return self.rows("moment", moment=moment)[0]

    @property
    def seq(self) -> int:
        """The number of that commit."""
        return int(self.moment.seq)

    @cached_property
    def as_of(self) -> date:
        """The day asked for, else the last month's end that loaded data cover."""
        if self.asked_as_of is not None:
            return self.asked_as_of
        feeds = {
            feed
            for statement in self.whole_plan.statements
            if statement.computable == "C"
            for feed in statement.feeds
        }
        wanted = [feed for feed in sorted(feeds) if not feed.startswith("reference.")]
        today = datetime.now(BEIJING).date()
        cutoff = self.rows("cutoff", feeds=wanted, known_at=self.seq, today=today)[0].cutoff
        if cutoff is None:
            return self.whole_plan.baseline_on
        after: date = cutoff + timedelta(1)
        return after.replace(day=1) - timedelta(1)

    @cached_property
    def policy(self) -> ScorePolicy:
        """The score policy of the hotline's measures."""
        return self.plan.policy(self.as_of, self.asked_policy)

    @cached_property
    def towns(self) -> dict[int, str]:
        """The towns that should report, with their names."""
        rows = self.rows(
            "towns",
            as_of=self.as_of,
            known_at=self.seq,
            statistical_unit_types=list(self.plan.statistical_unit_types),
        )
        return {row.area_key: row.area_name for row in rows}

    @cached_property
    def feed_towns(self) -> dict[str, dict[int, Any]]:
        """The towns that each feed of snapshots has told of: feed, town, how many things on the day and ever."""
        of_snapshots = {
            feed: schedule.targets
            for statement in self.plan.statements
            for feed in statement.feeds
            if (schedule := self.schedules.get(feed, Schedule(feed))).mode == "full"
        }
        filled = {target for targets in of_snapshots.values() for target in targets}
        things = placed(filled, self.targets_of_star) if filled else ""
        if not things:
            return {}
        by_feed: dict[str, dict[int, Any]] = {}
        for row in self.rows(
            "feed_towns",
            {"placed": things},
            feeds=sorted(of_snapshots),
            as_of=self.as_of,
            known_at=self.seq,
        ):
            by_feed.setdefault(row.feed, {})[row.area_key] = row
        return by_feed

    @cached_property
    def deliveries(self) -> Sequence[Any]:
        """What arrived of all feeds."""
        feeds = sorted({feed for statement in self.plan.statements for feed in statement.feeds})
        feeds += [DECLARATIONS, TARGETS]
        return self.arrived(feeds)

    def arrived(self, feeds: Sequence[str]) -> Sequence[Any]:
        """What arrived of these feeds. Of a register nobody can say that there was nothing."""
        of_events = [f for f in feeds if self.schedules.get(f, Schedule(f)).mode != "full"]
        return self.rows(
            "deliveries",
            feeds=feeds,
            of_events=of_events,
            known_at=self.seq,
            moment=self._until,
        )

    @cached_property
    def places(self) -> dict[int, Any]:
        """Every area's town today."""
        return {row.area_key: row for row in self.rows("places")}

    @cached_property
    def unread(self) -> Sequence[Any]:
        """Targets and declarations that nobody can read: rows in quarantine, deliveries that are held."""
        return self.rows(
            "unread", feeds=[DECLARATIONS, TARGETS], known_at=self.seq, moment=self._until
        )

    @cached_property
    def doubts(self) -> Doubts:
        """The rows in quarantine, as far as they can be read."""
        open_ = open_rows(self.targets_of_star)
        return Doubts.of(self.rows("doubtful", {"open": open_}, known_at=self.seq))

    @cached_property
    def targets_of_star(self) -> dict[str, Target]:
        """The tables of the star."""
        return read_targets(self.connection)

    @property
    def _until(self) -> datetime:
        return self.asked_known_at or datetime.now(BEIJING)

    @cached_property
    def targets(self) -> dict[str, list[Any]]:
        """Every step of every target, by indicator."""
        by_code: dict[str, list[Any]] = {}
        for row in self.rows("targets", known_at=self.seq):
            by_code.setdefault(row.code, []).append(row)
        return by_code

    @cached_property
    def declarations(self) -> dict[str, Any]:
        """The newest declaration by indicator."""
        rows = self.rows("declarations", as_of=self.as_of, known_at=self.seq)
        return {row.code: row for row in rows}

    def rows(
        self, name: str, parts: Mapping[str, str] | None = None, /, **values: Any
    ) -> Sequence[Any]:
        """Run one of the evaluation's own queries; `parts` are SQL for its `{...}`."""
        text = sql_file(f"evaluate/{name}.sql")
        statement = sa.text(text.format_map(parts) if parts else text)
        return self.connection.execute(statement, values).all()
