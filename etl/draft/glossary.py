"""Names for columns: what contracts call a header, reviewed words for the rest; never a machine translation."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from etl.contract import Contract
from etl.contract.model import normal_header

_FILE = Path(__file__).with_name("glossary.yaml")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST = 40


@cache
def _glossary() -> Mapping[str, Any]:
    glossary: Mapping[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return glossary


def names_for(
    headers: Sequence[str],
    contracts: Iterable[Contract],
    *,
    department: str = "",
    taken: Collection[str] = (),
    second: Sequence[str] = (),
) -> list[str]:
    """A field name for each header, none twice and none that another of the headers is called.

    What a contract of the department calls it comes first, then the header in the second language, the glossary,
    English words as they stand, other departments' contracts, and last its place: field_3.
    """
    known: dict[str, str] = {}
    elsewhere: dict[str, str] = {}
    for contract in contracts:
        own = known if contract.department == department else elsewhere
        for field in contract.fields:
            for header in field.headers:
                own.setdefault(_bare(header), field.name)
    for name, texts in _glossary()["headers"].items():
        for text in texts:
            known.setdefault(_bare(text), name)
    used = {"row_no", "fault", *taken}
    result = []
    for place, header in enumerate(headers):
        others = {normal_header(text) for text in (*headers[:place], *headers[place + 1 :])}
        english = second[place] if place < len(second) else ""
        bare = _bare(header)
        options = (
            known.get(bare),
            _snake(english),
            _by_words(header),
            _snake(header),
            elsewhere.get(bare),
        )
        name = next((each for each in options if each and _is_free(each, used, others)), None)
        if name is None:
            name = next(
                each
                for number in range(place + 1, place + 10_000)
                if _is_free(each := f"field_{number}", used, others)
            )
        used.add(name)
        result.append(name)
    return result


def targets_for(words: Iterable[str]) -> list[str]:
    """Targets of the star that names of files and headers speak of, the likeliest first."""
    text = " ".join(words).lower().replace("_", " ").replace("-", " ")
    hits = {
        target: sum(text.count(word) for word in told)
        for target, told in _glossary()["targets"].items()
    }
    return sorted((target for target in hits if hits[target]), key=lambda each: -hits[each])


def _is_free(name: str, used: Collection[str], others: Collection[str]) -> bool:
    # A contract knows a column by its name, too, and by its name in words.
    return name not in used and name not in others and name.replace("_", "") not in others


def _bare(text: str) -> str:
    return re.sub(r"[\s_\-]+", "", normal_header(text))


def _snake(text: str) -> str | None:
    """English words as a name: "Facility ID" is facility_id."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text.strip())
    name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    if not name.isascii() or not _NAME.fullmatch(name) or not text.isascii():
        return None
    return name[:_LONGEST].rstrip("_")


def _by_words(header: str) -> str | None:
    """A Chinese header all of whose parts the glossary knows: 学校名称 is school_name."""
    words: Mapping[str, str] = _glossary()["words"]
    text = re.sub(r"[（(].*?[)）]|\s|[:：]", "", header)
    parts: list[str] = []
    while text:
        word = next((each for each in words if text.startswith(each)), None)
        if word is None:
            return None
        parts.append(words[word])
        text = text[len(word) :]
    return "_".join(parts) or None
