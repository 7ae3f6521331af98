"""What a number format shows of a number: ECMA-376 part 1, 18.8.31, with what WPS and Chinese Excel add.

A format has up to four sections (`;`), and each is read once: its digits, what it divides by, the unit
that it states. Colours, padding and thousands separators are decoration and are not shown here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from etl.values.numbers import MAGNITUDES

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>(?i:General)|G/通用格式)|(?P<digit>[0#?])|(?P<plain>.)",
    re.DOTALL,
)
_DATE_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_.|\*.|\[[^\]]*\]'
    r"|(?P<letters>(?P<letter>[a-zA-Z])(?P=letter)*)|(?P<plain>.)",
    re.DOTALL,
)
_DATE = re.compile(r"[ymdhsebgaYMDHSEBGA]")
_SECTION = re.compile(r'(?:"[^"]*"?|[\\!].|\[[^\]]*\]|[^;])*', re.DOTALL)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
_CURRENCY = re.compile(r"\$([^-]*)(?:-.*)?")
_PERCENT = Decimal("0.01")
_MEASURE = re.compile("千[克米瓦卡帕伏赫]|百分")
"""Units of their own: a kilogram is no thousand of anything that the column counts."""
_EXACT = Context(prec=15)

BUILT_IN: dict[int, str] = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm",
    21: "h:mm:ss", 22: "yyyy/m/d h:mm", 27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"', 30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"', 36: 'yyyy"年"m"月"', 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00",
    41: "#,##0", 42: "#,##0", 43: "#,##0.00", 44: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0",
    48: "##0.0E+0", 49: "@", 50: 'yyyy"年"m"月"', 51: 'm"月"d"日"', 52: 'yyyy"年"m"月"', 53: 'm"月"d"日"',
    54: 'm"月"d"日"', 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip
"""Formats that a file names by number only, as Chinese Excel shows them."""


def exact(number: float) -> Decimal:
    """A number at the 15 significant digits that spreadsheets show and reckon with."""
    return _EXACT.create_decimal(Decimal(repr(number)))


def plain(number: Decimal) -> str:
    """A number in digits, without exponent or superfluous zeros."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


@dataclass(frozen=True)
class Section:
    """One section of a format, for a number."""

    whole: tuple[str, ...]
    """Digits (0, #, ?) and literal texts (behind a quotation mark) up to the point."""
    fraction: tuple[str, ...]
    point: bool
    divisor: Decimal
    """What is shown is the number divided by this: 1,000 for a trailing comma, 10,000 for WPS's 0!.0, and 0.01 for %."""
    unit: Decimal | None
    """What the format says that its number is counted in: 10,000 for "万", 0.01 for %."""
    general: bool
    condition: tuple[str, Decimal] | None

    def holds(self, number: Decimal) -> bool:
        """Whether the section's condition holds."""
        if self.condition is None:
            return True
        sign, limit = self.condition
        return {
            "<": number < limit, ">": number > limit, "=": number == limit,
            "<=": number <= limit, ">=": number >= limit, "<>": number != limit,
        }[sign]  # fmt: skip

    def show(self, number: Decimal) -> str:
        """The number's size as the section shows it; the sign is added by who calls."""
        if self.general:
            return "".join(part[1:] or plain(number) for part in self.whole)
        places = sum(part in _DIGITS for part in self.fraction)
        scaled = (number / self._shift).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        digits, _, decimals = f"{scaled:f}".partition(".")
        return self._whole(digits.lstrip("0")) + self._fraction(decimals)

    @property
    def _shift(self) -> Decimal:
        """The divisor without what literal points between the digits only seem to divide by."""
        return self.divisor / Decimal(10) ** _behind_point(self.whole)

    def _whole(self, digits: str) -> str:
        parts: list[str] = []
        places = sum(part in _DIGITS for part in self.whole)
        if not places:
            return "".join(part[1:] for part in self.whole)
        surplus, digits = digits[: max(0, len(digits) - places)], digits[-places:]
        digits = digits.rjust(places, " ")
        position = 0
        for part in self.whole:
            if part not in _DIGITS:
                parts.append(part[1:])
                continue
            digit = digits[position]
            if position == 0:
                digit = surplus + digit
            position += 1
            parts.append(digit if digit != " " else "0" if part == "0" else "")
        return "".join(parts)

    def _fraction(self, decimals: str) -> str:
        if not self.point:
            return "".join(part[1:] for part in self.fraction if part not in _DIGITS)
        kept = list(decimals)
        for part in reversed([part for part in self.fraction if part in _DIGITS]):
            if part == "0" or not kept or kept[-1] != "0":
                break
            kept.pop()
        remaining = iter(kept)
        shown = "".join(
            next(remaining, "") if part in _DIGITS else part[1:] for part in self.fraction
        )
        return f".{shown}" if kept or not decimals else shown


_DIGITS = frozenset("0#?")


def _behind_point(whole: tuple[str, ...]) -> int:
    """Digits behind a literal point among the digits: 1 of 0!.0 and 4 of 0!.0000."""
    places = [n for n, part in enumerate(whole) if part in _DIGITS]
    points = [n for n, part in enumerate(whole) if part == '".']
    if len(points) != 1 or not places or not places[0] < points[0] < places[-1]:
        return 0
    return sum(place > points[0] for place in places)


@dataclass(frozen=True)
class NumberFormat:
    """A format code, read."""

    code: str
    sections: tuple[Section, ...]
    is_plain: bool
    """Whether it shows a number just as it is: General, @, exponents and fractions, which show less than is stored."""
    is_date: bool

    def section(self, number: Decimal) -> Section:
        """The section that a number is shown under."""
        return self._chosen(number)[0]

    def show(self, number: float) -> str:
        """The number as a clerk reads it in the sheet; as it is stored where nothing would be shown."""
        value = exact(number)
        if self.is_plain:
            return plain(value)
        section, signed = self._chosen(value)
        size = section.show(abs(value)).strip()
        if not size:
            return plain(value)
        return f"-{size}" if signed and value < 0 and re.search("[1-9]", size) else size

    def show_date(self, moment: date) -> str | None:
        """A day as the sheet shows it; None where it shows more than numbers of year, month and day, or half a year."""
        parts: list[str] = []
        for token in _DATE_TOKEN.finditer(_split(self.code)[0]):
            letters = (token["letters"] or "").casefold()
            if not letters:
                parts.append(token["quoted"] or token["escaped"] or token["plain"] or "")
            elif letters[0] in "ye" and len(letters) != 2:
                parts.append(str(moment.year))
            elif letters[0] in "md" and len(letters) <= 2:
                number = moment.month if letters[0] == "m" else moment.day
                parts.append(f"{number:0{len(letters)}}")
            else:
                return None
        return "".join(parts).strip() or None

    def _chosen(self, number: Decimal) -> tuple[Section, bool]:
        """The section, and whether the sign is shown beside it: a section for negative numbers has its own."""
        sections = self.sections[:3]
        if any(section.condition for section in sections):
            for section in sections:
                if section.holds(number):
                    return section, True
            return sections[-1], True
        if number < 0 and len(sections) > 1:
            return sections[1], False
        if number == 0 and len(sections) > 2:
            return sections[2], False
        return sections[0], True

    @property
    def scales(self) -> bool:
        """Whether it shows a number in another unit, or says in which."""
        return any(each.divisor != 1 or each.unit is not None for each in self.sections)

    @property
    def is_whole_date(self) -> bool:
        """Whether year, month and day are all shown."""
        letters = _letters(self.code)
        return bool(re.search("[ye]", letters)) and "m" in letters and "d" in letters


def _letters(code: str) -> str:
    return "".join(match["plain"] or "" for match in _TOKEN.finditer(code)).casefold()


@lru_cache(maxsize=1024)
def number_format(code: str) -> NumberFormat:
    """A format code, read; whatever is none is plain."""
    texts = _split(code)
    tokens = [_letters(text) for text in texts]
    is_date = any(_DATE.search(re.sub(r"e[+-]", "", text)) for text in tokens) and not any(
        token["digit"] for text in texts for token in _TOKEN.finditer(text)
    )
    stored = any(re.search(r"e[+-]|/", text) for text in tokens) or "DBNum" in code
    sections = tuple(_section(text) for text in texts)
    trivial = code.strip().casefold() in ("", "general", "@", "g/通用格式")
    return NumberFormat(code, sections, trivial or stored or is_date, is_date)


def _split(code: str) -> list[str]:
    parts, position = [], 0
    while True:
        match = _SECTION.match(code, position)
        end = match.end() if match else len(code)
        parts.append(code[position:end])
        if end >= len(code):
            return parts
        position = end + 1


def _section(text: str) -> Section:
    whole: list[str] = []
    fraction: list[str] = []
    point = general = False
    percents = commas = 0
    condition = None
    part = whole
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "digit":
            part.append(token["digit"])
            commas = 0
        elif kind == "general":
            part.append('"')
            general = True
        elif kind == "bracket":
            if match := _CONDITION.fullmatch(token["bracket"]):
                condition = (match[1], Decimal(match[2]))
            elif (match := _CURRENCY.fullmatch(token["bracket"])) and match[1]:
                part.append('"' + match[1])
        elif kind in ("quoted", "escaped") and token[kind]:
            part.append('"' + token[kind])
        elif kind == "plain":
            letter = token["plain"]
            if letter == "." and not point:
                point, part = True, fraction
            elif letter == ",":
                commas += 1
            else:
                percents += letter == "%"
                part.append('"' + letter)
    behind = 0 if point else _behind_point(tuple(whole))
    divisor = Decimal(1000) ** commas * Decimal(10) ** behind * _PERCENT**percents
    unit = _PERCENT if percents else _unit_of(whole + fraction)
    return Section(tuple(whole), tuple(fraction), point, divisor, unit, general, condition)


def _unit_of(parts: list[str]) -> Decimal | None:
    """The unit that a text right behind the last digit names: 万, 亿, %."""
    last = max((n for n, part in enumerate(parts) if part in _DIGITS or part == '"'), default=None)
    if last is None:
        return None
    text = "".join(part[1:] for part in parts[last + 1 :]).strip(" ()（）")
    if text.startswith(("%", "％")):
        return _PERCENT
    if text.startswith("‰"):
        return _PERCENT / 10
    names = [name for name in MAGNITUDES if text.startswith(name)]
    if _MEASURE.match(text):
        return None
    return Decimal(MAGNITUDES[max(names, key=len)]) if names else None
