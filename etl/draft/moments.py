"""How a column writes its days: which format reads all of it, or that nobody can tell day from month."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

_SHAPE = re.compile(
    r"(?P<a>\d{1,2})(?P<s>[-/.])(?P<b>\d{1,2})(?P=s)(?P<y>\d{4}|\d{2})(?P<rest>.*)", re.DOTALL
)
_TIMES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), form)
    for pattern, form in (
        (r"", ""),
        (r" \d{1,2}:\d{2}:\d{2}", " %H:%M:%S"),
        (r" \d{1,2}:\d{2}", " %H:%M"),
        (r" \d{1,2}:\d{2}:\d{2} [ap]m", " %I:%M:%S %p"),
        (r" \d{1,2}:\d{2} [ap]m", " %I:%M %p"),
        (r" \d{1,2}:\d{2}:\d{2}\.\d+", " %H:%M:%S.%f"),
    )
)
_SPELT = (
    "%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%d-%b-%y", "%Y%m%d%H%M%S", "%Y%m%d %H:%M:%S",
    "%d-%b-%Y %H:%M:%S", "%a %b %d %H:%M:%S %Y",
)  # fmt: skip
_ROC = re.compile(r"(?:民国|民國)?\s*(?:[5-9]\d|1\d{2})(?:年|[-/.](?=\d{1,2}[-/.月])).*")
_MOST = 0.95


@dataclass(frozen=True)
class Order:
    """How days are written: `formats` of strptime that read them; two that both do are a question."""

    formats: tuple[str, ...] = ()
    rows: int = 0
    """How many rows it was told from."""
    highest: tuple[int, int] = (0, 0)
    """The highest first and second number of all days."""
    roc: bool = False
    settled_by: str = ""
    """The column by which an order that was open has been settled."""

    @property
    def is_open(self) -> bool:
        """Whether day and month cannot be told apart."""
        return len(self.formats) > 1

    @property
    def has_time(self) -> bool:
        """Whether a time of day stands behind the day."""
        return any("%H" in form or "%I" in form for form in self.formats)


def order_of(values: Mapping[str, int]) -> Order | None:
    """The order of a column's days, from its values and how often each stands there; None for other values.

    Days that begin with a year need no order; what is said here is about 03/04/2021, about months by name
    and about years of the Republic.
    """
    rows = sum(values.values())
    shaped = {text: match for text in values if (match := _SHAPE.fullmatch(text))}
    count = sum(values[text] for text in shaped)
    if count and count >= _MOST * rows:
        return _numbers(shaped, count)
    sample = list(values)[:200]
    spelt = next((form for form in _SPELT if _reads(form, sample)), None)
    if spelt is not None:
        return Order((spelt,), rows)
    if sample and all(_ROC.fullmatch(text) for text in sample):
        return Order((), rows, roc=True)
    return None


def settle(orders: Mapping[str, Order]) -> dict[str, Order]:
    """Columns of one file are written by one program: one that tells day from month tells it for its like.

    By column; an order stays open where no other column has the same signs in the same places.
    """
    told = {order.formats[0]: name for name, order in orders.items() if len(order.formats) == 1}
    settled: dict[str, Order] = {}
    for name, order in orders.items():
        fitting = [form for form in order.formats if form in told]
        if order.is_open and len(fitting) == 1:
            settled[name] = replace(order, formats=(fitting[0],), settled_by=told[fitting[0]])
    return {**orders, **settled}


def _numbers(shaped: Mapping[str, re.Match[str]], rows: int) -> Order | None:
    matches = list(shaped.values())
    first = max(int(match["a"]) for match in matches)
    second = max(int(match["b"]) for match in matches)
    if first > 31 or second > 31 or (first > 12 and second > 12):
        return None
    sign = matches[0]["s"]
    year = "%Y" if len(matches[0]["y"]) == 4 else "%y"
    rest = {match["rest"] for match in matches}
    time = next((form for shape, form in _TIMES if all(map(shape.fullmatch, rest))), None)
    if time is None or any(
        match["s"] != sign or len(match["y"]) != len(matches[0]["y"]) for match in matches
    ):
        return None
    day_first, month_first = (
        sign.join(parts) + time for parts in (("%d", "%m", year), ("%m", "%d", year))
    )
    if first > 12:
        forms: tuple[str, ...] = (day_first,)
    elif second > 12:
        forms = (month_first,)
    else:
        forms = (day_first, month_first)
    return Order(forms, rows, (first, second))


def _reads(form: str, sample: Sequence[str] | Iterable[str]) -> bool:
    sample = list(sample)
    try:
        for text in sample:
            datetime.strptime(text, form)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return False
    return bool(sample)
