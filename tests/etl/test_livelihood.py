"""七有五性 as data: seven and five, gaps said, bridges dated, and what is refused."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from etl.errors import MinshengError
from etl.livelihood import load_livelihood
from etl.plan import FOLDER

FILE = FOLDER / "livelihood.yaml"
DOCUMENT = yaml.safe_load(FILE.read_text(encoding="utf-8"))
Change = Callable[[dict[str, Any]], object]


def test_the_twelve_in_their_order_and_unofficial() -> None:
    """The words are those of Beijing's 七有五性 (domain.md 4)."""
    loaded = load_livelihood()
    assert [each["name_zh"] for each in loaded.dimensions] == [
        "幼有所育", "学有所教", "劳有所得", "病有所医", "老有所养", "住有所居", "弱有所扶",
        "便利性", "宜居性", "多样性", "公正性", "安全性",
    ]  # fmt: skip
    assert {each["basis"] for each in loaded.dimensions} == {"proposal"}
    assert all("非官方" in each["source_zh"] for each in loaded.dimensions)
    gaps = {each["name_zh"] for each in loaded.dimensions if each["gap_zh"]}
    assert gaps == {"幼有所育", "劳有所得", "公正性"}


def test_the_last_day_counts(tmp_path: Path) -> None:
    document = copy.deepcopy(DOCUMENT)
    document["dimensions"][3]["indicators"] = [
        {"indicator": "hlt_institutions_total", "to": date(2023, 12, 31)},
        {"indicator": "hlt_institutions_total", "from": date(2024, 1, 1)},
    ]
    path = tmp_path / "livelihood.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    spans = [
        (b.valid_from, b.valid_to)
        for b in load_livelihood(path).bridges
        if b.indicator_code == "hlt_institutions_total"
    ]
    assert spans == [(date(1900, 1, 1), date(2024, 1, 1)), (date(2024, 1, 1), date.max)]


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("dimensions kind have", lambda d: d["dimensions"].pop(0)),
        ("dimensions code", lambda d: d["dimensions"][0].update(code="education")),
        ("health", lambda d: d["dimensions"][3].update(indicator="x")),
        ("health indicator", lambda d: d["dimensions"][3]["indicators"][0].update(indicator="x")),
        ("health", lambda d: d["dimensions"][3]["indicators"][0].update(category_1="医疗卫生")),
        ("health from..to", lambda d: d["dimensions"][3]["indicators"][0].update({"from": date(2024, 1, 2), "to": date(2024, 1, 1)})),
        ("health", lambda d: d["dimensions"][3]["indicators"].append(dict(d["dimensions"][3]["indicators"][0]))),
        ("work gap", lambda d: d["dimensions"][2].pop("gap")),
        ("health gap", lambda d: d["dimensions"][3].update(gap={"zh": "x", "en": "x"})),
    ],
)  # fmt: skip
def test_what_is_refused(where: str, change: Change, tmp_path: Path) -> None:
    document = copy.deepcopy(DOCUMENT)
    change(document)
    path = tmp_path / "livelihood.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    with pytest.raises(MinshengError) as refused:
        load_livelihood(path)
    told = refused.value.reason
    assert (told.code, str(told.file or path)) == ("plan_data", str(path))
    assert where in str(refused.value)
