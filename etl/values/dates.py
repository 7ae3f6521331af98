"""Dates and times as departments write them; what is ambiguous or impossible is a fault, never a guess."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from etl.reasons import Reason
from etl.values.faults import (
    AMBIGUOUS_DATE,
    AMBIGUOUS_TIME,
    EARLIER,
    MESSAGES,
    Remarked,
    unreadable,
)
from etl.values.hours import HALVES, UntoldTimeError, hour_of, spelt_number

EXCEL_FORMAT = "excel"
"""An entry of a field's `formats`: serial day numbers are dates, whatever the file's format."""

_YEARS = range(1000, 10000)
_ROC_OFFSET = 1911
_SERIALS = (1, 2_958_465)  # 1900-01-01 to 9999-12-31, where a contract declares serial numbers
_PLAUSIBLE_SERIALS = (10_000, 80_000)
"""1927 to 2119: a plain number below is a year that was typed (2005), one above a month (202103)."""
_SERIAL_ORIGIN = datetime(1899, 12, 30)  # noqa: DTZ001 - a local time, as all here

_DAY = re.compile(
    r"(?P<y>\d{4})(?:(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})"
    r"|年\s*(?P<m2>\d{1,2})\s*月\s*(?P<d2>\d{1,2})\s*[日号]|(?P<m3>\d\d)(?P<d3>\d\d))"
)
_MONTH = re.compile(
    r"(?P<y>\d{4})(?:[-/.](?P<m>\d{1,2})|年\s*(?P<m2>\d{1,2})\s*月份?|(?P<m3>\d\d))"
)
_YEAR = re.compile(r"(?P<y>\d{4})\s*年?度?")
_ROC_DAY = re.compile(
    r"(?:民国|民國)?\s*(?P<y>\d{2,3})(?:(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})"
    r"|年\s*(?P<m2>\d{1,2})\s*月\s*(?P<d2>\d{1,2})\s*[日号]|(?P<m3>\d\d)(?P<d3>\d\d))"
)
_ROC_MONTH = re.compile(
    r"(?:民国|民國)?\s*(?P<y>\d{2,3})(?:[-/.](?P<m>\d{1,2})|年\s*(?P<m2>\d{1,2})\s*月份?|(?P<m3>\d\d))"
)
_ROC_YEAR = re.compile(r"(?:民国|民國)?\s*(?P<y>\d{2,3})\s*年?度?")
_TIME = re.compile(
    rf"(?P<half>{HALVES})?\s*"
    r"(?P<h>\d{1,2})(?::(?P<mi>\d{1,2})(?::(?P<s>\d{1,2})(?:\.(?P<f>\d{1,9}))?)?"
    r"|(?P<spoken>[时點点])钟?\s*(?:整|(?P<part>半|一刻|三刻)"
    r"|(?P<mi2>\d{1,2})\s*分?\s*(?:(?P<s2>\d{1,2})\s*秒)?)?)"
    r"\s*(?P<ap>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?\s*[+-]\d\d(?::?\d\d)?)?"
)
_COMPACT = re.compile(r"^(\d\d)(\d\d)(\d\d)?(?!\d)")
"""080000 behind a T or a blank, or behind a day that is written without marks, too."""
_PARTS = {"半": 30, "一刻": 15, "三刻": 45}
_SPELT = re.compile("[〇零○一二两三四五六七八九十廿卅]+(?=[年月日号时點点分秒])")
_SERIAL = re.compile(r"\d{1,7}(?:\.\d+)?")
_OCTOBER_OR_JANUARY = re.compile(r"\d{4}\.1")
_DAY_NOT_FIRST_YEAR = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{1,4}(?:\D.*)?")

_EXPECTED = {
    "day": unreadable("date", "2021-03-05"),
    "month": unreadable("month", "2021-03"),
    "year": unreadable("year", "2021"),
}
_EXPECTED_TIME = unreadable("timestamp", "2021-03-05 14:30:00")
_TOO_COARSE = MESSAGES.reason("precision")
_TYPED_MONTH = MESSAGES.reason("typed_month")


class DateParser:
    """Reads single values of one field; bulk columns are read in `etl.values.moments`."""

    def __init__(
        self,
        *,
        time: bool,
        zone: str = "Asia/Shanghai",
        precision: str = "day",
        formats: tuple[str, ...] = (),
        roc: bool = False,
        serials: bool = False,
    ) -> None:
        self._time = time
        self._zone = ZoneInfo(zone)
        self._precision = precision
        self._formats = tuple(form for form in formats if form != EXCEL_FORMAT)
        self._roc = roc
        self._serials = serials or EXCEL_FORMAT in formats
        self._from_sheet = serials
        self._range = _SERIALS if EXCEL_FORMAT in formats else _PLAUSIBLE_SERIALS
        self._expected = _EXPECTED_TIME if time else _EXPECTED[precision]

    def __call__(self, text: str) -> datetime | Remarked | Reason:
        """The moment in local time, without zone; otherwise what was expected instead.

        Remarked where the clock showed it twice and an offset says that the first is meant.
        """
        declared = {moment for form in self._formats if (moment := _strptime(text, form))}
        if len(declared) > 1:
            return AMBIGUOUS_DATE
        if declared:
            moment = declared.pop()
            return self._local(moment) if moment.year in _YEARS else self._expected
        try:
            return self._read(text if text.isascii() else _SPELT.sub(spelt_number, text))
        except UntoldTimeError:
            return AMBIGUOUS_TIME
        except (ValueError, OverflowError):
            return self._expected

    def _read(self, text: str) -> datetime | Remarked | Reason:
        for pattern, offset in self._patterns():
            match = pattern.match(text)
            if match is None:
                continue
            rest = text[match.end() :]
            if not rest:
                return self._day(match, offset)
            # A digit run on is another number, not a time of day: but for the six of 20210306080000.
            is_run_on = self._time and bool(match["m3"]) and len(rest) == 6 and rest.isdigit()
            if is_run_on or (
                rest[0] in " T\t上下晚早凌清中午正夜深半傍" or match.group()[-1] in "日号"
            ):
                clock = rest.lstrip("T \t")
                if clock[2:3].isdigit():
                    clock = _COMPACT.sub(_with_colons, clock)
                time = _TIME.fullmatch(clock)
                if time is not None:
                    return self._at(self._day(match, offset), time)
        if self._serials and _SERIAL.fullmatch(text) and len(text.split(".")[0]) < 8:
            serial = float(text)
            first, last = self._range
            if first <= serial < last + 1 and (self._time or serial.is_integer()):
                return _from_serial(serial)
        if self._from_sheet and _OCTOBER_OR_JANUARY.fullmatch(text):
            return _TYPED_MONTH
        for precision, pattern, offset in self._coarse():
            match = pattern.fullmatch(text)
            if match is not None:
                if not self._accepts(precision):
                    return _TOO_COARSE
                return self._day(match, offset)
        return AMBIGUOUS_DATE if _DAY_NOT_FIRST_YEAR.fullmatch(text) else self._expected

    def _patterns(self) -> list[tuple[re.Pattern[str], int]]:
        roc = [(_ROC_DAY, _ROC_OFFSET)] if self._roc else []
        return [(_DAY, 0), *roc]

    def _coarse(self) -> list[tuple[str, re.Pattern[str], int]]:
        plain = [("month", _MONTH, 0), ("year", _YEAR, 0)]
        roc = [("month", _ROC_MONTH, _ROC_OFFSET), ("year", _ROC_YEAR, _ROC_OFFSET)]
        return plain + roc if self._roc else plain

    def _accepts(self, precision: str) -> bool:
        order = ("day", "month", "year")
        return order.index(precision) <= order.index(self._precision)

    def _day(self, match: re.Match[str], offset: int) -> datetime:
        part = match.groupdict()
        month = part.get("m") or part.get("m2") or part.get("m3") or 1
        day = part.get("d") or part.get("d2") or part.get("d3") or 1
        year = int(part["y"]) + offset
        if year not in _YEARS:
            raise ValueError(year)
        return datetime(year, int(month), int(day))  # noqa: DTZ001

    def _at(self, day: datetime, match: re.Match[str]) -> datetime | Remarked:
        part = match.groupdict()
        half = (part["ap"] or "").replace(".", "").casefold() or part["half"]
        hour = hour_of(half, int(part["h"]), spoken=part["spoken"] is not None)
        clock = day.replace(
            hour=hour % 24,
            minute=int(part["mi"] or part["mi2"] or _PARTS.get(part["part"], 0)),
            second=int(part["s"] or part["s2"] or 0),
            microsecond=int((part["f"] or "0").ljust(6, "0")[:6]),
        )
        if hour == 24:
            if half is None and clock != day:
                raise ValueError(clock)
            # Of a date field the day is meant that is written.
            clock += timedelta(days=1 if self._time else 0)
        if not part["zone"]:
            return clock
        return self._local(clock.replace(tzinfo=_offset(part["zone"])))

    def _local(self, moment: datetime) -> datetime | Remarked:
        if moment.tzinfo is None:
            return moment
        moment = moment.astimezone(self._zone)
        local = moment.replace(tzinfo=None)
        later = moment.replace(fold=1)
        if moment.fold == 0 and later.utcoffset() != moment.utcoffset():
            return Remarked(local, EARLIER)
        return local


def _with_colons(match: re.Match[str]) -> str:
    return ":".join(part for part in match.groups() if part)


def _from_serial(serial: float) -> datetime:
    # Excel believes that 1900 was a leap year; its day 60 never was.
    if int(serial) == 60:
        raise ValueError(serial)
    origin = _SERIAL_ORIGIN if serial > 60 else _SERIAL_ORIGIN + timedelta(days=1)
    return origin + timedelta(seconds=round(serial * 86_400))


def _offset(zone: str) -> timezone:
    zone = re.sub(r"UTC|GMT|\s", "", zone)
    if zone in ("Z", ""):
        return timezone.utc  # noqa: UP017 - datetime.UTC is the same object
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0)))


def _strptime(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - local time of the contract's zone
    except ValueError:
        return None
