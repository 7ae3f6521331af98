"""The columns of any file as text, whether a contract describes it or not: through the doors that every delivery takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from etl.contract import Contract, Field, FileOptions, Header
from etl.decode import Reading, Table, batches, open_tables, sheets_of
from etl.decode.header import key
from etl.draft.profile import Profile, Profiler
from etl.errors import InputProblem


@dataclass(frozen=True)
class Extract:
    """A file whose columns are known by their headers, or by their places."""

    path: Path
    name: str
    """How the department calls it."""
    member: str | None
    contract: Contract
    """All columns as texts, for reading only."""
    headers: Mapping[str, str]
    """Header by the name of the reading contract's field, in the file's order; empty where the file has none."""
    title: str = ""
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    second: tuple[str, ...] = ()
    """The headers in a second language, in the same order, if there are any."""
    nameless: int = 0
    """Columns without a header among others that have one: they cannot be read by name."""

    def profiled(self) -> Profiled:
        """Read all of it."""
        table = open_tables(self.path, self.contract, member=self.member, name=self.name)
        reading = Reading(table)
        profiler = Profiler(
            {name: self.headers[name] for name in table.wanted}, serials=table.serials
        )
        for batch in batches(reading):
            profiler.add(batch)
        return Profiled(self, table, reading, profiler, tuple(profiler.finish()))


@dataclass(frozen=True)
class Profiled:
    """A file that was read to its end."""

    extract: Extract
    table: Table
    reading: Reading
    profiler: Profiler
    profiles: tuple[Profile, ...]

    @property
    def rows(self) -> int:
        """Rows of data."""
        return self.profiles[0].rows if self.profiles else 0


def open_extract(
    path: Path, *, name: str | None = None, member: str | None = None, sheet: str | None = None
) -> Extract:
    """A file that no contract describes; of a workbook the sheet with the most columns unless one is named.

    Raises InputProblem for what cannot be read at all.
    """
    name = name or path.name
    best: tuple[int, str | None, Table] | None = None
    problem: InputProblem | None = None
    sheets = sheets_of(path, member, name)
    places: list[str | None] = [sheet] if sheet is not None else [*sheets] or [None]
    for each in places:
        try:
            table = open_tables(path, _blank(each), member=member, name=name)
        except InputProblem as error:
            problem = problem or error
            continue
        width = len(table.headers)
        if best is None or width > best[0]:
            best = width, each, table
    if best is None:
        assert problem is not None  # noqa: S101 - there is a first sheet
        raise problem
    _, chosen, table = best
    texts = list(table.headers.values())
    headed = any(texts)
    fields, seen = [], Counter[str]()
    headers: dict[str, str] = {}
    for place, text in enumerate(texts):
        if headed and not text:
            continue
        seen[key(text)] += 1
        header = text if not headed or seen[key(text)] == 1 else f"{text}#{seen[key(text)]}"
        fields.append(text_field(f"c{place}", header or f"c{place}"))
        headers[f"c{place}"] = header
    contract = _blank(chosen, fields)
    if not headed:
        contract = replace(contract, file=replace(contract.file, header=False))
    return Extract(
        path, name, member, contract, headers, table.title, chosen,
        tuple(each for each in sheets if each != chosen),
        table.unknown, len(texts) - len(fields),
    )  # fmt: skip


def under(contract: Contract, path: Path, *, name: str, member: str | None) -> Extract:
    """A file as a contract sees it: the fields that it has under their names, the other columns as `x1`, `x2`.

    Nothing has to be there. Where hardly a header is known, the likeliest header row counts.
    """
    sheet: str | None = None
    others_there: tuple[str, ...] = ()
    fields = tuple(_as_text(f) for f in contract.fields if f.value_from is None)
    lenient = replace(contract, fields=fields, file=replace(contract.file, totals=None))
    try:
        table = open_tables(path, lenient, member=member, name=name)
        known, unknown = dict(table.headers), list(table.unknown)
        title = table.title
    except InputProblem:
        guessed = open_extract(path, name=name, member=member)
        named = {key(text): each.name for each in fields for text in each.headers}
        known, unknown, title = {}, [], guessed.title
        sheet, others_there = guessed.sheet, guessed.other_sheets
        for text in guessed.headers.values():
            name_of = named.get(key(text))
            if name_of is None or name_of in known:
                unknown.append(text)
            else:
                known[name_of] = text
        lenient = replace(lenient, file=replace(lenient.file, sheets=guessed.contract.file.sheets))
    seen = Counter(key(text) for text in known.values())
    others: dict[str, str] = {}
    for place, text in enumerate(unknown, 1):
        seen[key(text)] += 1
        others[f"x{place}"] = text if seen[key(text)] == 1 else f"{text}#{seen[key(text)]}"
    extra = tuple(text_field(each, header) for each, header in others.items())
    kept = tuple(each for each in fields if each.name in known)
    reading = replace(lenient, fields=(*kept, *extra))
    return Extract(
        path, name, member, reading, {**known, **others}, title, sheet, others_there
    )  # fmt: skip


def text_field(name: str, header: str) -> Field:
    """A field that is read as it is."""
    return Field(name, header, header, "string", name, history=(Header(header),))


def _as_text(field: Field) -> Field:
    return Field(
        field.name, field.title_zh, field.title_en, "string", field.name, history=field.history
    )


def _blank(sheet: str | None, fields: list[Field] | None = None) -> Contract:
    sheets = () if sheet is None else (sheet,)
    return Contract(
        feed="", department="", version="", status="", name_zh="", name_en="", owner="", purpose="", usage="",
        limitations="", mode="delta", modes=(), period=(), file=FileOptions(("*",), sheets=sheets), cadence="",
        deadline_days=None, fields=tuple(fields or ()), rules=(), loads=(), path=Path(), yaml_text="", load_text="",
        hash="",
    )  # fmt: skip
