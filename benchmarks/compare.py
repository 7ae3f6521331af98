"""The comparison: all ways in alternation over the same rows, each result checked before it counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click

from benchmarks import copying, extract, ours, peers, verify
from benchmarks.measure import Run, Way
from benchmarks.place import Place
from etl.contract import Field

ALTERNATING = ("limit", "reference", "ours", "dlt_arrow")
ONCE = ("dlt_rows", "tutorial")
ONCE_ROWS = 100_000

Load = Callable[[], tuple[Run, verify.Fingerprint]]


class NotEqual(RuntimeError):
    """A way loaded other rows than ours did: its time means nothing."""


@dataclass
class Comparison:
    """The extract, what a first load of ours made of it, and the ways over it."""

    place: Place
    path: Path
    fields: Sequence[Field]
    tables: Sequence[copying.Finished]
    finished: Path
    expected: verify.Fingerprint
    delivered: int
    """Rows of the extract; what loads is a little less."""

    @classmethod
    def prepare(cls, place: Place, path: Path) -> Comparison:
        """Load once, untimed: its rows are what the others copy and must match."""
        fields = extract.fields(path)
        with place.fresh() as database:
            run = ours.ingest(place, database, [path])
            counts = {
                k: run.report["deliveries"][0][k]
                for k in ("rows", "loaded", "duplicate", "quarantined")
            }
            click.echo(f"预备 / preparing: {run.seconds:.1f} s, {counts}")
            tables = copying.export(place, database)
            finished = extract.finished(place, database, path)
            return cls(
                place,
                path,
                fields,
                tables,
                finished,
                verify.star(place, database, fields),
                counts["rows"],
            )

    def way(self, name: str) -> Load:
        """A function that runs the way once."""
        if name == "limit":
            return lambda: copying.limit(self.place, self.tables, self.fields)
        if name == "reference":
            return lambda: copying.reference(self.place, self.finished, self.fields)
        if name == "ours":
            return lambda: ours.load(self.place, self.path, self.fields)
        return lambda: peers.load(self.place, name, self.finished, self.fields)

    def once(self, name: str) -> Load:
        """The same on the first 100,000 rows, for the slow ones."""
        return lambda: peers.load(self.place, name, self.few, self.fields)

    @cached_property
    def few(self) -> Path:
        """The first 100,000 of the finished rows."""
        target = self.finished.with_name("finished-few.csv")
        with self.finished.open("rb") as source, target.open("wb") as kept:
            for number, line in enumerate(source):
                if number > ONCE_ROWS:
                    break
                kept.write(line)
        return target

    def require_equal(
        self, name: str, loaded: verify.Fingerprint, expected: verify.Fingerprint
    ) -> None:
        """Refuse a way that did not load the same rows."""
        if loaded != expected:
            raise NotEqual(
                f"{name} 装入的行与本系统不一致，不给出比值 / {name} loaded other rows, so there is no ratio:"
                f" {loaded} instead of {expected}"
            )

    def alternate(self, names: Sequence[str], rounds: int) -> dict[str, Way]:
        """Run the ways in turn, `rounds` times."""
        ways = {name: Way(name, self.delivered) for name in names}
        for number in range(1, rounds + 1):
            # Every other round backwards: nobody always runs after the same neighbour.
            for name in names if number % 2 else names[::-1]:
                run, loaded = self.way(name)()
                self.require_equal(name, loaded, self.expected)
                ways[name].runs.append(run)
                click.echo(
                    f"第 {number} 轮 / round {number}  {name:<10} {run.seconds:8.2f} s  {run.rss_mb:6.0f} MB"
                )
        return ways

    def slow(self, names: Sequence[str]) -> dict[str, Way]:
        """Run each once on few rows; they must agree with each other (and with a peer that was compared)."""
        ways = {}
        expected = None
        for name in names:
            run, loaded = self.once(name)()
            expected = expected or self._few_expected()
            self.require_equal(name, loaded, expected)
            ways[name] = Way(name, loaded[0], [run])
            click.echo(
                f"一次 / once      {name:<10} {run.seconds:8.2f} s  {run.rss_mb:6.0f} MB  ({loaded[0]:,} rows)"
            )
        return ways

    def _few_expected(self) -> verify.Fingerprint:
        """The few rows as the reference table holds them; all of them are compared with the star."""
        return copying.reference(self.place, self.few, self.fields)[1]
