"""The worked example of docs/adding-a-feed.md, run as it stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from etl.cli.main import run
from etl.contract import fields, options, reader
from etl.settings import ROOT, Settings

GUIDE = (ROOT / "docs" / "adding-a-feed.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The first block of a language; those after it are of further examples."""
    blocks: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    return blocks[0]


@pytest.mark.slow
def test_two_files_make_a_feed(
    tmp_path: Path,
    ingest_settings: Settings,
    fresh_database: sa.Engine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "my-feeds" / "education"
    folder.mkdir(parents=True)
    (folder / "private_seats.yaml").write_text(block("yaml"), encoding="utf-8")
    (folder / "private_seats.load.sql").write_text(block("sql"), encoding="utf-8")
    extract = tmp_path / "民办园学位2021Q1.csv"
    extract.write_text(block("csv"), encoding="gb18030")

    assert run(["feeds", "check", "--database", str(folder.parent)]) == 0
    monkeypatch.setenv("MINSHENG_FEEDS", str(folder.parent))
    assert run(["feeds", "show", "education.private_seats"]) == 0
    capsys.readouterr()
    assert run(["ingest", str(extract), "--json"]) == 0
    [delivery] = json.loads(capsys.readouterr().out)
    told = ("feed", "state", "rows", "loaded", "quarantined", "totals_dropped")
    assert [delivery[name] for name in told] == ["education.private_seats", "loaded", 4, 2, 1, 1]
    with fresh_database.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT change_id, school_id, seats, effective_on::text FROM star.fact_seat_change"
            " JOIN registry.school USING (school_key) ORDER BY 1"
        ).all()
        [reasons] = connection.exec_driver_sql("SELECT reasons::text FROM ledger.quarantine").one()
    assert rows == [
        ("MB2021001", "1111000001", 270, "2021-03-05"),
        ("MB2021002", "1111000002", 180, "2021-03-18"),
    ]
    assert "10 位数字" in reasons


def test_the_guide_lists_every_property() -> None:
    for name in reader.CUSTOM | fields.CUSTOM | options.FILE:
        assert f"`{name}`" in GUIDE or f"`{name} " in GUIDE, name
