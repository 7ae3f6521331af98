"""A reason: its words, its JSON and how it reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from etl.errors import InputProblem
from etl.reasons import Catalogue, Reason, lines, one_line
from tests.conftest import ROOT

CATALOGUES = sorted(
    path for room in ("etl", "sample") for path in (ROOT / room).rglob("messages.yaml")
)
MISSING = Reason(
    "columns_missing",
    "必填列缺失。",
    "A required column is missing.",
    "补上该列。",
    "Add the column.",
    file="a.xlsx",
    sheet="表1",
    row=3,
    column="order_id",
    header="诉求编号",
    found="—",
    expected_zh="一个编号",
    expected_en="an id",
)


def test_it_says_what_where_found_expected_and_how_to_mend_it() -> None:
    assert str(InputProblem(MISSING)).splitlines() == [
        "必填列缺失。 A required column is missing.",
        "文件 file a.xlsx · 工作表 sheet 表1 · 行 row 3 · 列 column 诉求编号",
        "实际 found: —; 应为 expected: 一个编号 / an id",
        "处理 fix: 补上该列。 Add the column.",
    ]
    assert one_line(MISSING) == "; ".join(lines(MISSING))


def test_what_is_unknown_is_not_mentioned() -> None:
    assert lines(Reason("empty", "空文件。", "The file is empty.")) == [
        "空文件。 The file is empty."
    ]
    assert Reason("empty", "空。", "Empty.").as_dict() == {
        "rule": "empty",
        "severity": "error",
        "message_zh": "空。",
        "message_en": "Empty.",
    }


def test_the_ledger_gives_back_what_it_was_given() -> None:
    plain = Reason(
        "volume", "少。", "Few.", found="3", expected_zh="≥ 70", expected_en="≥ 70", rows=3
    )
    assert plain.as_dict()["expected"] == "≥ 70"
    for reason in (MISSING, plain, Reason("x", "a", "b", details={"keys": [["C1"]]})):
        assert Reason.of(reason.as_dict()) == reason
    # As an earlier release wrote them: a code, columns, and no severity.
    old = Reason.of({"code": "c", "message_zh": "旧", "message_en": "old", "columns": ["a", "b"]})
    assert (old.code, old.header, old.severity) == ("c", "a、b", "error")


def test_an_error_is_json_with_its_kind() -> None:
    shown = InputProblem(MISSING).as_dict()
    assert (shown["error"], shown["rule"], shown["row"]) == ("InputProblem", "columns_missing", 3)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.name)
def test_a_catalogue_is_complete_and_used(path: Path) -> None:
    catalogue = Catalogue(str(path.with_name("__init__.py")))
    source = "".join(file.read_text() for file in path.parent.glob("*.py"))
    documented = (ROOT / "docs" / "messages.md").read_text()
    for code, words in catalogue.entries.items():
        for prefix in ("", "fix_", "expected_"):
            # A fix or expectation in one language only helps half of the readers.
            zh, en = words.get(f"{prefix}zh"), words.get(f"{prefix}en")
            assert bool(zh) == bool(en), (code, prefix)
            assert set(re.findall(r"{(\w+)", zh or "")) >= {
                name.replace("_en", "_zh")
                for name in re.findall(r"{(\w+)", en or "")
                if name.endswith("_en") and not name.startswith("title")
            }, code
        assert f"| `{code}` |" in documented, f"{code}: python -m etl.reasons > docs/messages.md"
        stems = (code, code.split("_", 1)[0] + "_", code.split("_", 1)[-1])
        assert any(f'"{stem}' in source or f"{{kind}}_{stem}" in source for stem in stems), (
            f"{code} is never said"
        )


def test_an_unknown_code_or_a_forgotten_value_is_an_error() -> None:
    catalogue = Catalogue(str(ROOT / "etl" / "stage" / "__init__.py"))
    with pytest.raises(KeyError):
        catalogue.reason("nonsense")
    with pytest.raises(KeyError):
        catalogue.reason("volume", found=3)
