"""The bench's own promises: unequal rows give no ratio, the lock names no host, pictures are XML."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import compare, copying, extract, ours, picture, report, result, verify
from benchmarks.measure import Run, Way
from benchmarks.place import Place
from etl.settings import ROOT

WAYS = ("limit", "reference", "ours", "dlt_arrow", "dlt_rows", "tutorial")


@pytest.fixture
def place(session_home: Path, server: str, template: str) -> Place:
    return Place(session_home, server, template)


def way(name: str, rows: int, *seconds: float) -> Way:
    return Way(name, rows, [Run(s, s + 3, 300, 500) for s in seconds])


def test_ratios_are_per_row_and_of_medians() -> None:
    found = result.ratios(
        {
            "limit": way("limit", 1000, 2.0, 9.0, 1.0),
            "ours": way("ours", 1000, 3.0),
            "tutorial": way("tutorial", 100, 4.0),
        }
    )
    assert found["ours/limit"] == 1.5
    assert found["tutorial/limit"] == 20.0


def test_latest_has_every_way_and_nothing_unknown() -> None:
    latest = result.read(result.LATEST)
    assert set(latest) == {"rows", "machine", "versions", "ways", "ratios"}
    assert tuple(latest["ways"]) == WAYS
    for one in latest["ways"].values():
        assert set(one) == {"rows", "seconds", "median", "rss_mb"}
    assert not any("host" in key for key in latest["machine"])


def test_pictures_are_well_formed_and_as_committed() -> None:
    drawn = picture.bars(result.read(result.LATEST))
    ElementTree.fromstring(drawn)
    assert drawn == (result.FOLDER / "latest.svg").read_text(encoding="utf-8")


def test_pages_say_what_was_measured() -> None:
    for page, content in report.pages().items():
        assert page.read_text(encoding="utf-8") == content, "python -m benchmarks writes it"


def test_lock_of_the_peers_has_hashes_and_no_hosts() -> None:
    text = (ROOT / "benchmarks" / "peers.lock").read_text(encoding="utf-8")
    assert "://" not in text
    packages = re.split(r"\n(?=[a-z])", text.strip())
    assert len(packages) > 20
    assert all("--hash=sha256:" in package for package in packages)


@pytest.mark.slow
def test_other_rows_give_no_ratio(place: Place) -> None:
    path = extract.orders(1000)
    fields = extract.fields(path)
    with place.fresh() as database:
        ours.here(place, database, path)
        tables = copying.export(place, database)
        rows = extract.finished(place, database, path)
        expected = verify.star(place, database, fields)
    run = compare.Comparison(place, path, fields, tables, rows, expected, 1000)
    for name in ("limit", "reference"):
        _, found = run.way(name)()
        run.require_equal(name, found, expected)
    text = rows.read_text(encoding="utf-8")
    rows.write_text(text.replace("未解决", "解决", 1), encoding="utf-8")
    _, found = run.way("reference")()
    assert found[0] == expected[0]
    with pytest.raises(compare.NotEqual):
        run.require_equal("reference", found, expected)
