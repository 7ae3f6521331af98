"""What a column is, told from its profile: type, code list, formats; and from what each of these was told."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from etl.draft.moments import Order
from etl.draft.personal import masked
from etl.draft.profile import TOLERATED, Profile

CODES = 30
"""At most so many different values make a code list."""
REPEATED = 5
"""Each value of a code list stands there so often on average, at least."""

_ID = re.compile(
    r"编号|编码|代码|代碼|号$|號$|号码|识别码|标识码|证号|邮编|电话|\bid$|^id\b|(?<![a-z])(?:id|code|zip|postcode|key|no|number|uscc|urn)$"
    r"|[_ -](?:id|code|zip|key|no)\b|zipcode|(?<=[a-z])ID$",
    re.IGNORECASE,
)
_DAY = re.compile(r"日期|时间|年月|月份|date|time|(?:^|_)(?:dt|on|at)$|_dt$", re.IGNORECASE)
_LONGEST_NUMBER = 15
_LONGEST_CODE = 60


@dataclass(frozen=True)
class Inferred:
    """A column as a contract may say it."""

    type: str
    codes: tuple[str, ...] = ()
    """Values of a code list, the most frequent first."""
    order: Order | None = None
    question: tuple[str, str] | None = None
    """What has to be answered before the column can be read, in Chinese and English."""
    told: tuple[str, ...] = field(default=())
    """From what it was told, in figures."""

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats to write down; none while they are a question."""
        return self.order.formats if self.order and not self.order.is_open else ()


def is_id(header: str) -> bool:
    """Whether a header calls its column a number or code that stands for a thing."""
    return bool(_ID.search(header))


def infer(profile: Profile) -> Inferred:
    """Type, code list and formats of a column."""
    kind = kind_of(profile)
    order = profile.order if kind in ("date", "timestamp") else None
    codes = codes_of(profile) if kind == "string" else ()
    question = None
    if order is not None and order.is_open:
        first, second = order.highest
        example = next(iter(profile.counts), "")
        question = (
            f"“{profile.header}”的 {example} 哪个是月？{order.rows} 行里前后两个数最大为 {first} 和 {second}，都不超过 12",
            f'Which number of {example} in "{profile.header}" is the month? In {order.rows} rows they reach {first} and'
            f" {second}: neither is above 12",
        )
    return Inferred(kind, codes, order, question, _told(profile, kind))


def kind_of(profile: Profile) -> str:
    """The logical type that (nearly) all values have; `string` where there is a doubt."""
    if not profile.filled or (profile.personal is not None and profile.personal.kind != "name"):
        return "string"

    def reads(kind: str) -> bool:
        return profile.share(kind) >= 1 - TOLERATED

    if profile.order is not None:
        return "timestamp" if profile.order.has_time else "date"
    is_day = bool(_DAY.search(profile.header))
    if reads("date") and (is_day or not reads("number")):
        with_time = sum(
            count
            for text, count in profile.counts.items()
            if re.search(r"\d[:：]\d|[时點点]", text)
        )
        return "timestamp" if with_time * 2 > sum(profile.counts.values()) else "date"
    if reads("timestamp") and not reads("number"):
        return "timestamp"
    if reads("boolean") and len(profile.counts) <= 4:
        return "boolean"
    if reads("number"):
        whole = reads("integer")
        is_code = profile.leading_zeros or profile.longest > _LONGEST_NUMBER
        if is_code or (whole and is_id(profile.header)):
            return "string"
        return "integer" if whole else "number"
    return "string"


def codes_of(profile: Profile) -> tuple[str, ...]:
    """The values of a column of few short values that come again and again; empty for any other."""
    distinct = profile.distinct
    if (
        distinct is None
        or not 2 <= distinct <= CODES
        or profile.filled < distinct * REPEATED
        or max(map(len, profile.counts)) > _LONGEST_CODE
        or profile.personal is not None
    ):
        return ()
    return tuple(text for text, _ in profile.counts.most_common())


def _told(profile: Profile, kind: str) -> tuple[str, ...]:
    distinct = f"> {len(profile.counts) - 1:,}" if profile.many else f"{profile.distinct:,}"
    told = [f"{profile.filled:,} / {profile.rows:,} 行有值 filled", f"{distinct} 个不同值 distinct"]
    if profile.leading_zeros:
        told.append(f"{profile.leading_zeros:,} 个以 0 开头 with a leading 0")
    if kind in profile.readable and profile.readable[kind] < profile.filled:
        # A value that is not of the type may be anything: of a personal column it is not shown.
        odd = masked(profile.personal and profile.personal.kind, [profile.unreadable.get(kind, "")])
        told.append(
            f"{profile.filled - profile.readable[kind]:,} 行读不出 unreadable ({odd[0][:30]})"
        )
    if profile.order is not None and profile.order.highest != (0, 0):
        told.append("前后两数最大 highest {} / {}".format(*profile.order.highest))
    if profile.order is not None and profile.order.settled_by:
        told.append(f"次序同 order as in “{profile.order.settled_by}”")
    examples = masked(profile.personal and profile.personal.kind, profile.examples)
    if examples:
        told.append("例 e.g. " + " | ".join(" ".join(text.split())[:30] for text in examples))
    return tuple(told)
