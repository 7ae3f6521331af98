"""Rows that are no data are taken out: blank ones, footnotes, repeated headers, totals (compared first)."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.decode import totals
from etl.decode.adding_up import AddingUp
from etl.decode.problems import DecodeProblem, warning
from etl.decode.table import FIRST, Reading, Segment
from etl.values.text import Cells, trim


class Sieve:
    """Applied to each raw batch of a table in order; what it takes out is told in the reading."""

    def __init__(self, reading: Reading) -> None:
        table = reading.table
        self._reading = reading
        self._table = table
        self._options = table.contract.file
        self._required = [each.name for each in table.contract.fields if each.required]
        self._footnotes = "|".join(f"(?:{pattern})" for pattern in self._options.footnotes)
        # Ids and numbers cannot match patterns that all hold Chinese.
        self._chinese_only = not any(pattern.isascii() for pattern in self._options.footnotes)
        self._totals: totals.Totals | None = None
        self._adding: AddingUp | None = None
        self._ready: list[Any] = []
        self._rows = 0
        self._sheets = 0
        self._segment: Segment | None = None

    def _begin(self) -> None:
        """A new sheet has begun: its totals count by themselves."""
        self._close()
        self._sheets = len(self._reading.segments)
        self._segment = self._reading.segments[-1]
        options = self._options.totals
        if options is not None:
            self._adding = None if options.by is None else AddingUp(options.by)
            fields = [each for each in self._table.contract.fields if each.name in options.sums]
            self._totals = totals.Totals(fields, self._table.headers, self._options.placeholders)

    def __call__(self, batch: Any) -> list[Any]:
        """What can go on by now: batches without what is no data, and without the helper column."""
        if len(self._reading.segments) > self._sheets:
            self._begin()
        dropped: Any = np.zeros(batch.num_rows, bool)
        self._blank(batch, dropped)
        self._footnote(batch, dropped)
        self._header(batch, dropped)
        if dropped.any():
            batch = self._keep(batch, dropped)
        if self._options.totals is not None:
            batch = self._total(batch)
        self._rows += batch.num_rows
        limit = self._options.max_rows
        if limit is not None and self._rows > limit:
            raise DecodeProblem(
                "too_many_rows",
                file=self._table.file,
                found=f"> {limit:,}",
                expected=f"≤ {limit:,}",
            )
        if self._adding is not None and self._totals is not None:
            self._ready += self._adding.add(batch, self._totals.numbers(batch))
        else:
            self._ready.append(batch)
        return self._given()

    def finish(self) -> list[Any]:
        """The last sheet has ended; what is still to go on."""
        self._close()
        return self._given()

    def _given(self) -> list[Any]:
        ready, self._ready = self._ready, []
        return [
            batch.select([name for name in batch.schema.names if name != FIRST]) for batch in ready
        ]

    def _close(self) -> None:
        """A sheet has ended: take out the rows that are sums of the others, compare its totals."""
        segment = self._segment
        if self._totals is None or segment is None:
            return
        for batch, sums in self._adding.close() if self._adding is not None else ():
            if sums.any():
                self._drop_sums(batch, sums, segment)
                batch = self._keep(batch, sums)
            self._ready.append(batch)
        self._reading.warnings += self._totals.compare(segment.sheet, segment.row_offset)
        self._totals = self._adding = None

    def _drop_sums(self, batch: Any, sums: Any, segment: Segment) -> None:
        options, counted = self._options.totals, self._totals
        if options is None or counted is None:
            return
        title = self._table.contract.by_name[options.field].title_zh
        column = batch[options.field] if options.field in batch.schema.names else batch[FIRST]
        self._reading.totals_dropped += int(sums.sum())
        counted.take_out(
            {name: float(each[sums].sum()) for name, each in counted.numbers(batch).items()}
        )
        for row in np.flatnonzero(sums).tolist():
            name = column[row].as_py() or ""
            self._reading.warnings.append(
                warning(
                    "total_row",
                    sheet=segment.sheet,
                    row=batch["row_no"][row].as_py() + segment.row_offset,
                    header=title,
                    found=name,
                )
            )

    def _keep(self, batch: Any, dropped: Any) -> Any:
        for row_no in batch["row_no"].filter(pa.array(dropped)).to_pylist():
            self._reading.faults.discard(row_no)
        return batch.filter(pa.array(~dropped))

    def _faulty(self, batch: Any) -> Any:
        """Rows that have faults already: they are data, however empty they look."""
        faults = self._reading.faults
        row_no = batch["row_no"]
        if not faults or not len(row_no):
            return None
        known = faults.between(row_no[0].as_py(), row_no[-1].as_py())
        return np.isin(row_no.to_numpy(), known) if known else None

    def _blank(self, batch: Any, dropped: Any) -> None:
        columns = sorted(batch.columns[1:], key=lambda column: column.null_count)
        if not batch.num_rows or columns[0].null_count == 0:
            return
        blank = reduce(pc.and_, (column.is_null() for column in columns))
        empty = blank.to_numpy(zero_copy_only=False)
        faulty = self._faulty(batch)
        dropped |= empty if faulty is None else empty & ~faulty

    def _footnote(self, batch: Any, dropped: Any) -> None:
        first = batch[FIRST]
        if not self._footnotes or first.null_count == len(first):
            return
        if pa.types.is_dictionary(first.type):
            first = first.cast(pa.string())
        if self._chinese_only and Cells(first).ascii:
            return
        hit = pc.match_substring_regex(trim(first), pattern=self._footnotes).fill_null(False)
        notes = hit.to_numpy(zero_copy_only=False)
        if not notes.any():
            return
        others = [
            batch[n] for n in self._required if n in batch.schema.names and batch[n] is not first
        ]
        others = [column for column in others if not column.equals(batch[FIRST])]
        if others:
            # A row that has all it needs is data, whatever its first cell begins with.
            lacking = reduce(pc.or_, (column.is_null() for column in others))
            notes = notes & lacking.to_numpy(zero_copy_only=False)
        dropped |= notes

    def _header(self, batch: Any, dropped: Any) -> None:
        """The header again, where files were joined or pages printed."""
        wanted = self._table.wanted
        name = next(iter(wanted), None)
        if name is None or not batch.num_rows:
            return
        hit = pc.equal(batch[name], wanted[name]).fill_null(False)
        if not hit.true_count:
            return
        for other, text in wanted.items():
            hit = pc.and_(hit, pc.equal(batch[other], text).fill_null(False))
        repeated = hit.to_numpy(zero_copy_only=False)
        if repeated.any() and len(wanted) > 1:
            dropped |= repeated
            self._reading.warnings.append(
                warning(
                    "repeated_header",
                    rows=int(repeated.sum()),
                )
            )

    def _total(self, batch: Any) -> Any:
        options = self._options.totals
        if options is None or not batch.num_rows:
            return batch
        places = [batch[name] for name in (options.field, FIRST) if name in batch.schema.names]
        rows, labels = totals.find(places, options.values)
        if self._totals is not None:
            self._totals.add(batch, rows, labels)
        if not len(rows):
            return batch
        self._reading.totals_dropped += len(rows)
        dropped = np.zeros(batch.num_rows, bool)
        dropped[rows] = True
        return self._keep(batch, dropped)
