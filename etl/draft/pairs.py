"""Which new column is which old field: by the letters of the headers and by what the columns hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from etl.contract import Field
from etl.contract.likeness import likeness
from etl.draft.infer import kind_of
from etl.draft.profile import Profile
from etl.values.text import normalise

SURE = 0.42
"""From this score on a pair is written into the draft; one below is only told."""
CLEAR = 0.08
"""By so much a pair has to be better than any other of its field or its column."""

_RESULT = {"integer": ("integer",), "number": ("number",), "boolean": ("boolean",)}


@dataclass(frozen=True)
class Pair:
    """A field and the column that may be it, with the likeness of headers and contents, each 0 to 1."""

    field: str
    column: str
    header: str
    text: float
    content: float
    why: str
    """What the content says, in figures."""
    clear: bool = True
    """Whether no other column fits the field nearly as well, and no other field the column."""

    @property
    def score(self) -> float:
        """Both, the content a little heavier: headers are renamed, what stands below them is not."""
        return 0.45 * self.text + 0.55 * self.content

    @property
    def sure(self) -> bool:
        """Whether it goes into the draft without a question."""
        return self.score >= SURE and self.clear


def pairs(
    missing: Sequence[Field],
    columns: Sequence[Profile],
    before: Mapping[str, Profile],
) -> list[Pair]:
    """The likeliest pairs, best first, each field and each column once.

    `before`: profiles of the fields in the delivery of the feed that was loaded last.
    """
    scored = [
        _pair(field, column, before.get(field.name)) for field in missing for column in columns
    ]
    alone = len(missing) == 1 == len(columns)
    taken: list[Pair] = []
    for pair in sorted(scored, key=lambda each: -each.score):
        if any(pair.field == other.field or pair.column == other.column for other in taken):
            continue
        rivals = [
            other.score
            for other in scored
            if (other.field == pair.field) != (other.column == pair.column)
        ]
        clear = alone or pair.score - max(rivals, default=0.0) >= CLEAR
        taken.append(Pair(**{**vars(pair), "clear": clear}))
    return [pair for pair in taken if pair.score >= SURE / 2]


def _pair(field: Field, column: Profile, before: Profile | None) -> Pair:
    content, why = fit(field, column)
    if before is not None and before.filled:
        alike = resemblance(before, column)
        content = 0.5 * content + 0.5 * alike
        why = f"{why}；与上次内容相似 like last time's content {alike:.0%}"
    text = likeness(field.headers, column.header)
    return Pair(field.name, column.name, column.header, text, content, why)


def fit(field: Field, column: Profile) -> tuple[float, str]:
    """How well a column holds what the contract asks of a field (0 to 1; 0.5 where it asks nothing), and why."""
    if not column.filled:
        return 0.5, "列为空 empty"
    counted = sum(column.counts.values())

    def share(rows: int, of: int) -> float:
        return rows / of if of else 0.0

    if field.codes:
        meant = {normalise(word) for word in (*field.codes, *field.aliases)}
        good = sum(count for text, count in column.counts.items() if text in meant)
        return share(good, counted), f"{share(good, counted):.0%} 的值是其代码 of its codes"
    if field.pattern:
        shape = re.compile(field.pattern)
        good = sum(count for text, count in column.counts.items() if shape.search(text))
        return share(good, counted), f"{share(good, counted):.0%} 的值符合格式 of its pattern"
    if field.type in ("date", "timestamp"):
        read = 1.0 if column.order else max(column.share("date"), column.share("timestamp"))
        numeric = column.share("number") >= 0.98
        return (0.4 if numeric else 0.9) * read, f"{read:.0%} 可读作时间 readable as times"
    if field.type in _RESULT:
        read = max(column.share(kind) for kind in _RESULT[field.type])
        return 0.75 * read, f"{read:.0%} 可读作 {field.type} readable"
    if field.key_position is not None and field.value_from is None:
        return (
            0.8 if column.unique else 0.2
        ), "值不重复 unique" if column.unique else "值有重复 repeated"
    kind = kind_of(column)
    return (0.5, "文字 text") if kind == "string" else (0.25, f"像是 looks like {kind}")


def resemblance(before: Profile, now: Profile) -> float:
    """How alike two columns are by what they hold: type, common values, shape, length, uniqueness."""
    if not before.filled or not now.filled:
        return 0.0
    kinds = 1.0 if kind_of(before) == kind_of(now) else 0.0
    mine, theirs = set(before.counts), set(now.counts)
    common = len(mine & theirs) / min(len(mine), len(theirs))
    shapes = {_shape(text) for text in list(mine)[:200]}, {_shape(t) for t in list(theirs)[:200]}
    same_shape = len(shapes[0] & shapes[1]) / min(len(shapes[0]), len(shapes[1]))
    longest = min(before.longest, now.longest) / max(before.longest, now.longest)
    unique = 1.0 if before.unique == now.unique else 0.0
    return 0.25 * kinds + 0.3 * common + 0.2 * same_shape + 0.1 * longest + 0.15 * unique


def _shape(text: str) -> str:
    """A value reduced to its kinds of characters: B0012 is a9."""
    text = re.sub(r"\d+", "9", text[:40])
    text = re.sub(r"[A-Za-z]+", "a", text)
    return re.sub(r"[\u3400-\u9fff]+", "汉", text)
