"""What tells the rows of a file apart: one column, two or three together, or nothing but all of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from etl.draft.infer import is_id, kind_of
from etl.draft.profile import Profile
from etl.draft.reading import Profiled

REPEATED = 0.01
"""An id may be on so many rows twice: these are for a person to look at, and kept out until then."""

_CONSIDERED = 10
_LONGEST = 60


@dataclass(frozen=True)
class Key:
    """The columns of a business key; none where the rows are known by what they say."""

    columns: tuple[str, ...]
    why: str
    question: tuple[str, str] | None = None


def find_key(read: Profiled) -> Key:
    """The likeliest key: a column that is called an id, else the first whose values are all there and different.

    Rows that repeat another one exactly do not count, since loading them twice is loading them once.
    """
    profiles = [each for each in read.profiles if _may_be_key(each)]
    alone = [each for each in profiles if read.profiler.unique_together([each.name])]
    ids = [each for each in profiles if is_id(each.header)]
    numbers = [each for each in alone if kind_of(each) == "integer" and _is_numbering(read, each)]
    texts = [each for each in alone if not _is_measure(each)]
    for each in (*(i for i in ids if i in alone), *numbers, *texts):
        return Key((each.name,), _why(read, each.header, "不重复 never twice"))
    for each in ids:
        if read.profiler.repeated(each.name) <= REPEATED:
            share = f"{read.profiler.repeated(each.name):.2%} 重复 repeated"
            return Key((each.name,), _why(read, each.header, share))
    parts = [each for each in profiles if not _is_measure(each) and each.distinct != 1]
    parts = sorted(parts, key=lambda each: not is_id(each.header))[:_CONSIDERED]
    for size in (2, 3):
        for group in combinations(parts, size):
            if read.profiler.unique_together([each.name for each in group]):
                ordered = [each for each in read.profiles if each in group]
                header = " + ".join(each.header for each in ordered)
                return Key(
                    tuple(each.name for each in ordered),
                    _why(read, header, "合起来不重复 never twice together"),
                )
    return Key(
        (),
        "没有一列或几列能区分各行：按整行内容识别 / no columns tell the rows apart: known by what they say",
        ("哪些列是主键？", "Which columns are the key?"),
    )


def _may_be_key(profile: Profile) -> bool:
    return (
        profile.filled == profile.rows
        and profile.personal is None
        and profile.longest <= _LONGEST
        and kind_of(profile) not in ("number", "boolean")
    )


def _is_numbering(read: Profiled, profile: Profile) -> bool:
    """Whether whole numbers, each there once, number the rows rather than measure something."""
    return profile is read.profiles[0] or profile.shortest == profile.longest > 3


def _is_measure(profile: Profile) -> bool:
    """A figure or a moment, which is different in every row by chance only."""
    return kind_of(profile) in ("integer", "timestamp") and not is_id(profile.header)


def _why(read: Profiled, header: str, what: str) -> str:
    looked = min(read.rows, read.profiler.looked_at)
    return f"{header}：{looked:,} 行中都有值，{what} / in the {looked:,} rows looked at"
