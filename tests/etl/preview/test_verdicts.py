"""A delivery judged by another contract: the verdicts that differ, row by row, and nothing is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from etl.cli.main import run
from etl.context import Context
from etl.errors import MinshengError
from etl.preview import chosen_contract, judge_again
from etl.settings import Settings
from tests.cases.author import Author

HEAD = "单号,时间,件数"
FIELDS = ("order_id:单号:string:k", "opened_at:时间:timestamp:r", "pieces:件数:integer")
LINES = ("A,2021-01-01 08:00,1", "B,2021-01-01 08:00,500", "C,昨天,2", "D,2021-01-02 08:00,700")


@pytest.fixture
def author(ingest_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Author:
    monkeypatch.setenv("MINSHENG_FEEDS", str(tmp_path / "feeds"))
    return Author(Context.of(Settings.load()), tmp_path)


def stricter(author: Author, path: Path) -> Path:
    """The same contract, as it might be: at most 600 pieces."""
    text = path.read_text("utf-8")
    proposed = author.folder / "proposed" / "hotline" / path.name
    proposed.parent.mkdir(parents=True)
    limited = text.replace(
        "businessName: 件数\n", "businessName: 件数\n    logicalTypeOptions: {maximum: 600}\n"
    )
    assert limited != text
    proposed.write_text(limited, "utf-8")
    proposed.with_suffix(".load.sql").write_text(
        path.with_suffix(".load.sql").read_text("utf-8"), "utf-8"
    )
    return proposed


def test_a_rule_is_tried_on_what_was_loaded(
    author: Author, capsys: pytest.CaptureFixture[str]
) -> None:
    path = author.feed("few", FIELDS)
    loaded = author.one("few_1.csv", HEAD, *LINES)
    assert (loaded.loaded, loaded.quarantined) == (3, 1)
    proposed = stricter(author, path)
    before = (
        author.rows("SELECT * FROM ledger.quarantine"),
        author.rows("SELECT * FROM ledger.delivery"),
    )
    contract = chosen_contract(author.ctx, loaded.delivery_id, str(proposed))
    told = judge_again(loaded.delivery_id, contract, author.ctx)
    [difference] = told.differences
    assert (difference.before, difference.after, difference.kept_out) == (0, 1, (4,))
    assert (told.kept_out_before, told.kept_out_after, told.rows) == (1, 2, 4)
    assert (
        author.rows("SELECT * FROM ledger.quarantine"),
        author.rows("SELECT * FROM ledger.delivery"),
    ) == before
    assert author.rows("SELECT count(*) FROM pg_tables WHERE schemaname = 'stage'") == [(0,)]

    number = str(loaded.delivery_id)
    assert run(["validate", number]) == 0  # by the present contract nothing differs
    assert run(["validate", number, "--contract", str(loaded.contract_hash)[:8]]) == 0
    capsys.readouterr()
    assert run(["validate", number, "--contract", str(proposed), "--json"]) == 3
    assert json.loads(capsys.readouterr().out)[0]["differences"][0]["kept_out"] == [4]
    assert run(["validate", number, "--contract", "ffffffff"]) == 1


def test_the_contract_is_one_of_the_feed(author: Author) -> None:
    author.feed("few", FIELDS)
    other = author.feed("other", FIELDS)
    loaded = author.one("few_1.csv", HEAD, *LINES)
    contract = chosen_contract(author.ctx, loaded.delivery_id, str(other))
    with pytest.raises(MinshengError, match=r"hotline\.other"):
        judge_again(loaded.delivery_id, contract, author.ctx)


def test_free_text_is_left_alone(author: Author) -> None:
    """It has an expiry of its own: reading a delivery again does not bring it back."""
    fields = (*FIELDS, "story:内容:string")
    author.feed("few", fields, fields_custom={"story": {"handling": "restricted"}})
    loaded = author.one("few_1.csv", f"{HEAD},内容", *(f"{line},话" for line in LINES))
    table = f"restricted.d{loaded.delivery_id}"
    assert author.rows(f"SELECT count(*) FROM {table}") == [(4,)]
    judge_again(loaded.delivery_id, author.ctx.contract("hotline.few"), author.ctx)
    assert author.rows(f"SELECT count(*) FROM {table}") == [(4,)]
