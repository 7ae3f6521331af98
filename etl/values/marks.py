"""Marks that look like digits and are none: ①, ², ⑴, ½; and characters whose place in Unicode has moved.

NFKC makes ① and ² plain digits, so that 823① would be 8231. Here marks stay what they are: at the end of a
figure or an id they refer to a note. Units and formulas keep their digits: m², km³, CO₂, PM₂.₅.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_CIRCLED = "\u2460-\u2473\u24b6-\u24ea\u24f5-\u24ff\u2776-\u2793\u3251-\u325f\u32b1-\u32bf"
_BRACKETED = "\u2474-\u24b5"  # ⑴ ⒈ ⒜
_RAISED = "\u00b2\u00b3\u00b9\u2070-\u207e\u02b0-\u02b8\u1d2c-\u1d6a"
_LOWERED = "\u2080-\u208e"
_NOTES = _CIRCLED + _BRACKETED + _RAISED + _LOWERED
_FRACTIONS = "\u00bc-\u00be\u2150-\u215f\u2189"

MOVED: Mapping[str, str] = dict(
    zip(
        "\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796\ue7c7"
        "\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864"
        "\ue816\ue817\ue818\ue831\ue83b\ue855",
        "\ufe10\ufe12\ufe11\ufe13\ufe14\ufe15\ufe16\ufe17\ufe18\ufe19\u1e3f"
        "\u9fb4\u9fb5\u9fb6\u9fb7\u9fb8\u9fb9\u9fba\u9fbb"
        "\U00020087\U00020089\U000200cc\U000215d7\U0002298f\U000241fe",
        strict=True,
    )
)
"""Private-use characters to which GB18030 of 2000 and 2005 maps what has a place of its own since; the
18 of GB18030-2022, ḿ of 2005, and the six that the encoding standard of the web maps as well."""

PECULIAR = f"[{_NOTES}{_FRACTIONS}{''.join(MOVED)}]"
"""A pattern of what NFKC alone would not do right."""

_MOVED = str.maketrans(dict(MOVED))
_UNITS = re.compile(r"(?<=[A-Za-z])[\u2080-\u2089]+(?:\.[\u2080-\u2089]+)?|(?<=[mM])[²³]")
_KEPT = re.compile(f"([{_NOTES}{_FRACTIONS}])")
_TRAILING = re.compile(rf"(?<=\S)(?:[\s、,]*[{_NOTES}])+$")


def nfkc(text: str) -> str:
    """The text in half width and with unified ideographs; marks stay marks."""
    text = _UNITS.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text.translate(_MOVED))
    parts = _KEPT.split(text)
    parts[::2] = [unicodedata.normalize("NFKC", part) for part in parts[::2]]
    return "".join(parts)


def without_notes(text: str) -> str:
    """The text without the marks at its end that refer to notes: 823① is 823."""
    return _TRAILING.sub("", text)
