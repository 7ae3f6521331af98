"""A real warehouse beside the model: sends deliveries through the public verbs and says where the two differ."""

from __future__ import annotations

import copy
import itertools
import json
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.ingest import carry
from etl.preview import withdraw
from etl.receive import receive
from tests.etl.load.feeds import COLUMNS, FEEDS, SPACES, cell, words
from tests.etl.load.histories import History
from tests.etl.load.model import COUNTS, Belief, Delivery, Names, Place, Unit, World
from tests.etl.load.writing import write

THINGS = ("area", "unit", "category", "channel", "school", "institution", "estate")
_REGISTRIES = {("registry", thing) for thing in (*THINGS, "facility", "organisation")}
NOW_KNOWN = 2**63 - 1
_KEPT = "'dim_date', 'dim_department', 'dim_indicator'"
_SEEDED = "'department', 'indicator'"
_TABLES = f"""
SELECT schemaname, tablename FROM pg_tables
 WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'public', 'stage', 'restricted')
   AND NOT (schemaname IN ('star', 'history') AND tablename IN ({_KEPT}))
   AND NOT (schemaname = 'registry' AND tablename IN ({_SEEDED}))
   AND NOT (schemaname = 'ledger' AND tablename IN ('contract', 'target', 'sql_file', 'transition'))
"""
_ROWS = " UNION ALL ".join(
    f"SELECT '{table}', to_jsonb(t)::text FROM known.{table} AS t" for table in COLUMNS
)


class Difference(AssertionError):
    """The warehouse is not as the model says."""


class Warehouse:
    """A migrated database that is emptied for each history."""

    def __init__(self, ctx: Context, folder: Path) -> None:
        self.ctx = ctx
        self.folder = folder
        self.numbers = itertools.count(1)

    def empty(self) -> None:
        """Forget everything but what a migration makes."""
        with self.ctx.engine.begin() as connection:
            tables = connection.execute(sa.text(_TABLES)).all()
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
            for schema, table in tables:
                only = f" WHERE {table}_key > 0" if (schema, table) in _REGISTRIES else ""
                connection.execute(sa.text(f"DELETE FROM {schema}.{table}{only}"))
            left = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('stage', 'restricted')"
            for schema, table in connection.execute(sa.text(left)).all():
                connection.execute(sa.text(f"DROP TABLE {schema}.{table}"))
        shutil.rmtree(self.ctx.settings.archive, ignore_errors=True)

    def file(self, delivery: Delivery) -> Path:
        """The delivery as its department sends it."""
        space = SPACES[delivery.feed]
        word = words(delivery.mode, space.feed)
        name = f"{space.file_name}_{delivery.period.label}_{word}x{next(self.numbers)}"
        rows = [
            [cell(space, n, row.values, row.fault) for n in space.headers] for row in delivery.rows
        ]
        if delivery.total:
            rows.append(["合计" if n == space.total else None for n in space.headers])
        return write(self.folder / name, delivery.format, list(space.headers.values()), rows)

    def receive(self, delivery: Delivery) -> ledger.Delivery:
        """Enter it into the ledger."""
        path = self.file(delivery)
        return receive(path, feed=delivery.feed, ctx=self.ctx, consume=True)[0]

    def carry(self, *received: ledger.Delivery) -> None:
        """Bring deliveries as far as they go, several at once, and whatever they set going."""
        if len(received) == 1:
            carry(received[0], self.ctx)
        else:
            with ThreadPoolExecutor(len(received)) as pool:
                list(pool.map(lambda delivery: carry(delivery, self.ctx), received))
        for _ in range(20):
            waiting = ledger.waiting(ctx=self.ctx)
            if not waiting:
                return
            carry(waiting[0], self.ctx)

    def release(self, delivery_id: int) -> None:
        """As a person would."""
        self.carry(ledger.release(delivery_id, "model", self.ctx))

    def withdraw(self, delivery_id: int) -> None:
        """As a person would."""
        withdraw(delivery_id, by="model", reason="a mistake", ctx=self.ctx)


class Run:
    """A history on its way through both."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.world = World(FEEDS)
        self.ids: dict[int, int] = {}
        """Delivery by receipt."""
        self.remembered: dict[int, set[str]] = {}
        """What the star was right after each commit, row by row."""

    def history(self, history: History) -> None:
        """Do it; raises Difference at the first one."""
        self.warehouse.empty()
        due: dict[int, list[int]] = {}
        to_withdraw: dict[int, list[int]] = {}
        waiting: list[tuple[int, Delivery]] = []
        for receipt, delivery in enumerate(history.deliveries):
            self.step = f"delivery {receipt + 1}"
            waiting.append((receipt, delivery))
            if not delivery.together:
                self._arrive(waiting)
                for number, told in waiting:
                    if told.release_after is not None:
                        due.setdefault(receipt + told.release_after, []).append(number)
                    if told.withdraw_after is not None:
                        to_withdraw.setdefault(receipt + told.withdraw_after, []).append(number)
                waiting = []
            for number in due.pop(receipt, []):
                self._release(number)
            for number in to_withdraw.pop(receipt, []):
                self._withdraw(number)
        for number in itertools.chain(*(due[at] for at in sorted(due))):
            self._release(number)
        for number in itertools.chain(*(to_withdraw[at] for at in sorted(to_withdraw))):
            self._withdraw(number)

    def _arrive(self, arrivals: list[tuple[int, Delivery]]) -> None:
        received = []
        for receipt, delivery in arrivals:
            received.append(self.warehouse.receive(delivery))
            self.ids[receipt] = received[-1].delivery_id
        self.warehouse.carry(*received)
        before, differences = self.world, []
        # Of two at once either may be first, and what one of them resumes may come after both.
        resumed_last = (False, True) if len(arrivals) > 1 else (False,)
        for order, late in itertools.product(itertools.permutations(arrivals), resumed_last):
            self.world = copy.copy(before)
            for name in ("accepted", "held", "ledger", "loads", "beliefs", "repaired", "withdrawn"):
                setattr(self.world, name, copy.copy(getattr(before, name)))
            for receipt, delivery in order:
                self.world.arrive(receipt, delivery, resume=not late)
            if late:
                self.world.go_on()
            try:
                return self.compare()
            except Difference as difference:
                differences.append(str(difference))
        raise Difference("\nor, the other way round: ".join(differences))

    def _release(self, receipt: int) -> None:
        if receipt in self.world.held:
            self.step = f"release of delivery {receipt + 1}"
            self.warehouse.release(self.ids[receipt])
            self.world.release(receipt)
            self.compare()

    def _withdraw(self, receipt: int) -> None:
        if self.world.ledger[receipt].state == "loaded":
            self.step = f"withdrawal of delivery {receipt + 1}"
            self.warehouse.withdraw(self.ids[receipt])
            self.world.withdraw(receipt)
            self.compare()

    # ------------------------------------------------------------------ comparing
    def compare(self) -> None:
        """Raise Difference where the warehouse is not as the model says."""
        with self.warehouse.ctx.engine.connect() as connection:
            rows = connection.execute(sa.text(_ROWS)).all()
            entries = connection.execute(
                sa.text(
                    "SELECT q.delivery_id, q.row_no, q.resolved_by FROM ledger.quarantine AS q"
                    " JOIN ledger.delivery AS d USING (delivery_id) WHERE d.state <> 'withdrawn' ORDER BY 1, 2"
                )
            ).all()
            registry = self._registry(connection)
        deliveries = {
            delivery.delivery_id: delivery for delivery in ledger.deliveries(self.warehouse.ctx)
        }
        self._ledger(deliveries)
        commits = self._commits(deliveries)
        self._stars(rows, registry, commits)
        self._quarantine(entries)

    def _differ(self, what: str, expected: Any, seen: Any) -> None:
        raise Difference(
            f"after {self.step}: {what}\n  expected {_shown(expected)}\n  seen     {_shown(seen)}"
        )

    def _ledger(self, deliveries: Mapping[int, ledger.Delivery]) -> None:
        for receipt, outcome in sorted(self.world.ledger.items()):
            delivery = deliveries[self.ids[receipt]]
            name = f"delivery {receipt + 1}"
            if delivery.state != outcome.state:
                why = [reason.get("rule") for reason in delivery.reasons]
                self._differ(
                    f"state of {name}",
                    (outcome.state, *sorted(outcome.reasons)),
                    (delivery.state, why),
                )
            if delivery.state != "loaded":
                continue
            seen = {count: getattr(delivery, count, None) for count in COUNTS}
            expected = dict(outcome.counts)
            if seen["superseded"] is None:
                # A loader that does not count it apart.
                del seen["superseded"]
                expected["unchanged"] += expected.pop("superseded")
            if seen != expected:
                self._differ(f"counts of {name}", expected, seen)
            total = sum(getattr(delivery, count, 0) or 0 for count in COUNTS if count != "rows")
            if delivery.rows != total:
                self._differ(f"sum of {name}", delivery.rows, total)

    def _commits(self, deliveries: Mapping[int, ledger.Delivery]) -> list[int]:
        commits, before = [], set()
        for receipt in self.world.loads:  # the second time it is a withdrawal
            delivery = deliveries[self.ids[receipt]]
            commits.append((delivery.withdrawn_seq if receipt in before else delivery.seq) or 0)
            before.add(receipt)
        if commits != sorted(commits):
            self._differ("order of commits", self.world.loads, commits)
        return commits

    def _stars(
        self, rows: list[Any], registry: Mapping[str, Mapping[int, str]], commits: list[int]
    ) -> None:
        names = self.world.names()
        read = [(table, json.loads(text), text) for table, text in rows]
        for number, seq in enumerate(commits):
            then = [
                (table, row) for table, row, _ in read if row["known_from"] <= seq < row["known_to"]
            ]
            fixed = {f"{table} {_fixed(row)}" for table, row in then}
            last = number + 1 == len(commits)
            if seq in self.remembered and fixed != self.remembered[seq]:
                self._differ(
                    f"what was known after load {number + 1}",
                    self.remembered[seq] - fixed,
                    fixed - self.remembered[seq],
                )
            if seq not in self.remembered or last:
                seen = _star(then, registry, names)
                if last or not _has_orphans(seen):
                    expected = _expected(self.world.beliefs[number], names)
                    if seen != expected:
                        self._differ(
                            f"star after load {number + 1}", expected - seen, seen - expected
                        )
            self.remembered.setdefault(seq, fixed)
        if commits:
            current = [row for _, row, _ in read if row["known_to"] == NOW_KNOWN]
            if any(row["known_from"] > commits[-1] for row in current):
                self._differ("the newest commit", commits[-1], "rows known later")

    def _quarantine(self, entries: list[Any]) -> None:
        receipts = {number: receipt for receipt, number in self.ids.items()}
        told = {accepted.receipt: accepted for accepted in self.world.accepted}
        for d, row, by in entries:
            entry = told.get(receipts[d])
            if by is None or entry is None or entry.verdicts[row - 1] != "keyless":
                continue
            if receipts[by] not in told:
                self._differ("an entry closed by what was withdrawn", "open", (d, row, by))
            # Whose key nobody can read may be repaired by a later delivery of its period: which row that is, is a guess.
            repair = told[receipts[by]]
            same = (repair.delivery.feed, repair.delivery.period)
            if by <= d or same != (entry.delivery.feed, entry.delivery.period):
                self._differ("repair of a row without a key", f"later than {d}, its period", by)
            self.world.repaired.add((receipts[d], row - 1))
        seen = [(receipts[d] + 1, row, by is None) for d, row, by in entries]
        expected = [
            (entry.receipt + 1, entry.row + 1, entry.open) for entry in self.world.entries()
        ]
        if seen != expected:
            self._differ("quarantine (delivery, row, is open)", expected, seen)

    def _registry(self, connection: sa.Connection) -> dict[str, dict[int, str]]:
        names: dict[str, dict[int, str]] = {thing: {} for thing in THINGS}
        query = " UNION ALL ".join(
            f"""SELECT '{t}', {t}_key, min({t}_id COLLATE "C") FROM registry.{t} WHERE {t}_key > 0 GROUP BY 2"""
            for t in THINGS
        )
        for thing, key, name in connection.execute(sa.text(query)):
            names[thing][key] = name
        return names


_ORPHAN = "?"


def _star(
    rows: list[tuple[str, dict[str, Any]]],
    registry: Mapping[str, Mapping[int, str]],
    names: Names,
) -> set[tuple[Any, ...]]:
    """Rows of the star as the model has them."""

    def value(row: dict[str, Any], column: str) -> Any:
        cell = row[column]
        if column.endswith("_key"):
            if cell == -1:
                return None
            thing = "area" if column == "parent_area_key" else column.removesuffix("_key")
            name = registry[thing].get(cell, _ORPHAN)
            kind = {"area": Place, "unit": Unit}.get(thing)
            return names.get((kind, name), name) if kind else name
        if column.endswith("_at") and cell is not None:
            local = datetime.fromisoformat(cell).astimezone(ZoneInfo("Asia/Shanghai"))
            return f"{local:%Y-%m-%d %H:%M:%S}"
        return cell

    star = set()
    for table, row in rows:
        key, columns = COLUMNS[table]
        dated = (row["valid_from"], row["valid_to"]) if "valid_from" in row else ()
        values = tuple(value(row, column) for column in (*key, *columns))
        star.add((table, *values, *dated))
    return star


def _expected(belief: Belief, names: Names) -> set[tuple[Any, ...]]:
    def kind(column: str) -> type | None:
        return {"area_key": Place, "parent_area_key": Place, "unit_key": Unit}.get(column)

    def renamed(table: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
        columns = itertools.chain(*COLUMNS[table])
        return tuple(
            names.get((kind(column), value), value) if kind(column) else value
            for column, value in zip(columns, values, strict=True)
        )

    star = {(key[0], *renamed(key[0], (*key[1:], *row))) for key, row in belief.facts.items()}
    for key, line in belief.versions.items():
        for start, end, row in line:
            star.add((key[0], *renamed(key[0], (*key[1:], *row)), start, end))
    return star


def _has_orphans(star: set[tuple[Any, ...]]) -> bool:
    return any(_ORPHAN in row for row in star)


def _fixed(row: dict[str, Any]) -> str:
    """A row without what may change afterwards: until when it is known."""
    return json.dumps({k: v for k, v in sorted(row.items()) if k != "known_to"}, ensure_ascii=False)


def _shown(what: Any) -> str:
    if isinstance(what, set):
        return "\n           ".join(sorted(map(str, what))) or "(nothing)"
    return str(what)


def differs(warehouse: Warehouse, history: History) -> str:
    """The first difference; '' if there is none."""
    try:
        Run(warehouse).history(history)
    except Difference as difference:
        return str(difference)
    return ""


def star_of(warehouse: Warehouse, deliveries: tuple[Delivery, ...]) -> Iterator[tuple[Any, ...]]:
    """The star at the end, without comparing it to the model."""
    run = Run(warehouse)
    warehouse.empty()
    for delivery in deliveries:
        received = warehouse.receive(delivery)
        warehouse.carry(received)
        if ledger.deliveries(warehouse.ctx)[-1].state == "held":
            warehouse.release(received.delivery_id)
    for receipt, delivery in enumerate(deliveries):
        run.world.arrive(receipt, delivery)
        if receipt in run.world.held:
            run.world.release(receipt)
    with warehouse.ctx.engine.connect() as connection:
        rows = [(t, json.loads(text)) for t, text in connection.execute(sa.text(_ROWS)).all()]
        current = [(t, row) for t, row in rows if row["known_to"] == NOW_KNOWN]
        yield from _star(current, run._registry(connection), run.world.names())
