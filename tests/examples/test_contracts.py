"""What holds for every example: it says that it is one, and it reads no Python."""

from __future__ import annotations

import re
from fnmatch import fnmatch

import pytest

from etl.contract import Contract, load_contracts, match
from etl.settings import ROOT, Settings
from tests.examples.conftest import FEEDS

KNOWN = {"hotline.nyc_311", "education.uk_la_maintained", "reference.daxing_village"}


def examples() -> dict[str, Contract]:
    """The example contracts by feed."""
    known = load_contracts(Settings.load({"MINSHENG_FEEDS": str(FEEDS)}))
    found = {name: each for name, each in known.items() if each.path.is_relative_to(FEEDS)}
    assert found.keys() >= KNOWN, "a policy over no contracts holds for nothing"
    return found


@pytest.mark.parametrize("feed", examples())
def test_an_example_says_what_it_is_where_it_comes_from_and_that_it_only_illustrates(
    feed: str,
) -> None:
    contract = examples()[feed]
    assert "真实公开数据，示例" in contract.name_zh
    assert contract.name_en.endswith("real public extract, example)")
    assert contract.status == "draft"
    assert contract.purpose.startswith("真实公开数据")
    assert "A real public extract" in contract.purpose
    assert "映射到星型表仅为示例" in contract.limitations
    assert "The mapping to the star is illustrative" in contract.limitations
    assert re.search(r"property: licence, value: \S", contract.yaml_text)
    assert re.search(
        r"type: source, url: 'https://github\.com/[\w.-]+/[\w.-]+'", contract.yaml_text
    )


def test_an_example_takes_no_file_of_a_built_in_feed() -> None:
    built_in = load_contracts(Settings.load({}))
    both = built_in | examples()
    for contract in built_in.values():
        for glob in contract.file.names:
            name = glob.replace("*", "2021-03")
            found = match(both, FEEDS / name)
            assert found is None or found.feed in built_in, name
    for contract in examples().values():
        for glob in contract.file.names:
            for other in built_in.values():
                assert not any(fnmatch(glob.replace("*", ""), each) for each in other.file.names), (
                    glob
                )


def test_the_documents_name_every_example() -> None:
    for document in (ROOT / "docs" / "real-extracts.md", ROOT / "examples" / "README.md"):
        text = document.read_text(encoding="utf-8")
        for feed in examples():
            assert feed in text, f"{document.name} does not name {feed}"
