"""Rows that are no data are taken out and told: blank ones, notes, repeated headers, totals (compared first)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.decode import totals
from etl.decode.adding_up import AddingUp
from etl.decode.problems import DecodeProblem, warning
from etl.decode.surroundings import NOTES, PARTS, Kind, Surroundings
from etl.decode.table import FIRST, Reading, Segment
from etl.values.text import Cells, Placeholders

_LONGEST = 80
_DROPPED = frozenset({"note", "header", "units", "total"})
_CODES: Mapping[Kind, str] = {
    "note": "note_rows",
    "units": "note_rows",
    "header": "repeated_header",
    "total": "total_rows",
    "other_header": "other_header",
    "unplaced": "unplaced_rows",
}


class Sieve:
    """Applied to each raw batch of a table in order; what it takes out is told in the reading."""

    def __init__(self, reading: Reading) -> None:
        table = reading.table
        self._reading = reading
        self._table = table
        self._options = table.contract.file
        self._wanted = table.wanted
        self._required = [each.name for each in table.contract.fields if each.required]
        self._key = [name for name in table.contract.key if name in self._wanted]
        self._around = Surroundings(table.contract, self._wanted)
        self._words = Placeholders(self._around.words)
        self._notes = "|".join(
            [
                *(f"(?:{pattern})" for pattern in self._options.footnotes),
                *(f"^(?:{each})" for each in (*NOTES, *PARTS)),
            ]
        )
        self._after_blank = False
        self._totals: totals.Totals | None = None
        self._adding: AddingUp | None = None
        self._ready: list[Any] = []
        self._rows = 0
        self._sheets = 0
        self._segment: Segment | None = None

    def _begin(self) -> None:
        """A new sheet has begun: its totals count by themselves."""
        self._close()
        self._around = Surroundings(self._table.contract, self._wanted)
        self._after_blank = False
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
        elsewhere = self._judge(batch, dropped)
        if dropped.any():
            batch = self._keep(batch, dropped)
        if self._options.totals is not None:
            batch = self._total(batch, elsewhere)
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
        """A sheet has ended: tell what was taken for what, take out sums of the others, compare its totals."""
        segment = self._segment
        if segment is not None:
            for kind, told in self._around.told.items():
                self._reading.warnings.append(
                    warning(
                        _CODES[kind],
                        sheet=segment.sheet,
                        row=told.first,
                        rows=told.rows,
                        found=told.text[:_LONGEST],
                    )
                )
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
        self._reading.totals[segment.sheet] += int(sums.sum())
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

    def _judge(self, batch: Any, dropped: Any) -> dict[int, str]:
        """Take out the conspicuous rows that are no data; totals whose word stands elsewhere, by row_no."""
        elsewhere: dict[int, str] = {}
        segment = self._segment
        rows = np.flatnonzero(self._conspicuous(batch, dropped) & ~dropped)
        if batch.num_rows:
            blank_before: Any = np.append(self._after_blank, dropped[:-1])
            self._after_blank = bool(dropped[-1])
        if not len(rows) or segment is None:
            return elsewhere
        some = batch.take(pa.array(rows))
        faulty = self._faulty(batch)
        last = -1
        for row, cells in zip(rows.tolist(), some.to_pylist(), strict=True):
            row_no, first = cells.pop("row_no"), cells.pop(FIRST) or ""
            if row - last > 1 and not dropped[last + 1 : row].all():
                self._around.data()
            last = row
            filled = {name: text for name, text in cells.items() if text and not text.isspace()}
            if not filled and (
                not first or (first.isdecimal() and faulty is not None and faulty[row])
            ):
                continue  # Not blank: what could not be read of it is told already.
            place, after = row_no + segment.row_offset, bool(blank_before[row])
            kind = self._around.judge(first, filled, place, after_blank=after)
            if kind == "total" and self._options.totals is not None:
                elsewhere[row_no] = first or next(iter(filled.values()), "")
            elif kind in _DROPPED:
                dropped[row] = True
                self._reading.totals[segment.sheet] += kind == "total"
        if last < batch.num_rows - 1 and not dropped[last + 1 :].all():
            self._around.data()
        return elsewhere

    def _conspicuous(self, batch: Any, dropped: Any) -> Any:
        """Rows that lack what others have, begin like a note, hold a word of a header or total, or follow a blank row."""
        odd: Any = np.zeros(batch.num_rows, bool)
        if not batch.num_rows:
            return odd
        names = set(batch.schema.names)
        first = batch[FIRST]
        required = [batch[n] for n in self._required if n in names and batch[n] is not first]
        required = [column for column in required if not column.equals(first)] or [
            batch[name] for name in self._wanted
        ][1:]
        if required and all(column.null_count for column in required):
            odd |= reduce(pc.and_, (column.is_null() for column in required)).to_numpy(False)
        for name in self._key:
            if batch[name].null_count:
                odd |= batch[name].is_null().to_numpy(False)
        leading = [first, batch[next(iter(self._wanted))]] if self._wanted else [first]
        for column in leading[: 1 if leading[-1].equals(first) else 2]:
            odd |= self._looks_odd(column)
        for name in self._around.measures[:1]:
            odd |= _begins_with_a_word(batch[name])
        odd[1:] |= dropped[:-1]
        odd[0] |= self._after_blank
        return odd

    def _looks_odd(self, column: Any) -> Any:
        text = column.dictionary if pa.types.is_dictionary(column.type) else column
        cells = Cells(text).cleaned()
        hit: Any = np.zeros(len(text), bool)
        rows = self._words.rows(cells)
        if rows is not None:
            hit[rows] = True
        if not cells.ascii:
            noted = pc.match_substring_regex(cells.values, pattern=self._notes).fill_null(False)
            hit |= noted.to_numpy(zero_copy_only=False)
        if text is column:
            return hit
        indices = column.indices.fill_null(len(text)).to_numpy()
        return np.append(hit, False)[indices]

    def _total(self, batch: Any, elsewhere: dict[int, str]) -> Any:
        options = self._options.totals
        if options is None or not batch.num_rows or self._segment is None:
            return batch
        places = [batch[name] for name in (options.field, FIRST) if name in batch.schema.names]
        rows, labels = totals.find(places, options.values)
        if elsewhere:
            rows, labels = _with(rows, labels, batch["row_no"].to_pylist(), elsewhere)
        if self._totals is not None:
            self._totals.add(batch, rows, labels)
        if not len(rows):
            return batch
        self._reading.totals[self._segment.sheet] += len(rows)
        dropped = np.zeros(batch.num_rows, bool)
        dropped[rows] = True
        return self._keep(batch, dropped)


def _begins_with_a_word(column: Any) -> Any:
    """Where a figure or a day does not begin with ASCII."""
    text = column.dictionary if pa.types.is_dictionary(column.type) else column
    cells = Cells(text)
    hit: Any = np.zeros(len(text) + 1, bool)
    if not cells.ascii:
        filled = np.flatnonzero(cells.lengths)
        hit[filled] = cells.data[cells.offsets[filled]] >= 0x80
    return hit[:-1] if text is column else hit[column.indices.fill_null(len(text)).to_numpy()]


def _with(
    rows: Any, labels: list[str], row_nos: list[int], elsewhere: dict[int, str]
) -> tuple[Any, list[str]]:
    """Totals that were found by their row_no, among those found by their place."""
    every = dict(zip(rows.tolist(), labels, strict=True))
    for place, row_no in enumerate(row_nos):
        if row_no in elsewhere:
            every.setdefault(place, elsewhere[row_no])
    places = sorted(every)
    return np.array(places, np.int64), [every[place] for place in places]
