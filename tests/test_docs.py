"""Pages in two languages say the same: the same parts in the same order, the same commands, names and tables."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from etl.settings import ROOT

CHINESE = sorted(path for folder in (ROOT, ROOT / "docs") for path in folder.glob("*.zh-CN.md"))

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")
_NAME = re.compile(r"[A-Za-z_][\w.*-]*|minsheng [ -~]+")
"""What is not translated: names of columns, codes, options, commands."""


def english(page: Path) -> Path:
    """The English page beside a Chinese one."""
    return page.with_name(page.name.replace(".zh-CN", ""))


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return _FENCED.sub("", page.read_text(encoding="utf-8"))


def names(page: Path) -> set[str]:
    """Names and commands within the text."""
    codes = (" ".join(code.split()) for code in _CODE.findall(prose(page)))
    return {code for code in codes if _NAME.fullmatch(code)}


def shape(page: Path) -> list[str]:
    """The levels of the headings and the columns of each table's rows, from top to bottom."""
    lines = prose(page).splitlines()
    headings = [line.split()[0] for line in lines if re.match(r"#+ ", line)]
    rows = Counter(line.count("|") for line in lines if line.startswith("|"))
    return [*headings, *(f"{cells} × {count}" for cells, count in sorted(rows.items()))]


def test_there_are_chinese_pages_for_those_who_operate_query_and_add_feeds() -> None:
    assert {
        "README.zh-CN.md",
        "operating.zh-CN.md",
        "querying.zh-CN.md",
        "indicators.zh-CN.md",
        "repair.zh-CN.md",
        "drafts.zh-CN.md",
    } <= {page.name for page in CHINESE}


@pytest.mark.parametrize("page", CHINESE, ids=lambda page: page.name)
def test_each_page_leads_to_the_other_language(page: Path) -> None:
    assert f"({english(page).name})" in page.read_text(encoding="utf-8")
    assert f"({page.name})" in english(page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", CHINESE, ids=lambda page: page.name)
def test_both_pages_have_the_same_parts(page: Path) -> None:
    assert shape(page) == shape(english(page))


@pytest.mark.parametrize("page", CHINESE, ids=lambda page: page.name)
def test_both_pages_have_the_same_code(page: Path) -> None:
    """Diagrams and comments are translated, what is typed is not."""

    def typed(path: Path) -> list[str]:
        return [
            re.sub(r"\s*#.*[一-鿿].*|\s*# .*", "", text)
            for language, text in _FENCED.findall(path.read_text(encoding="utf-8"))
            if language != "mermaid"
        ]

    assert typed(page) == typed(english(page))


@pytest.mark.parametrize("page", CHINESE, ids=lambda page: page.name)
def test_both_pages_name_the_same_things(page: Path) -> None:
    assert names(page) == names(english(page))
