"""What the release of a held delivery would do is what it then does."""

from __future__ import annotations

import json

import pytest

from etl import ledger
from etl.cli.main import run
from etl.evaluate import evaluate
from etl.ingest import carry
from etl.ledger import IllegalMove
from etl.preview import preview
from tests.etl.load.files import INSTITUTION, Desk, institution

NOW = "SELECT count(*) FROM star.dim_institution WHERE valid_to = 'infinity'"


@pytest.fixture
def held(desk: Desk) -> ledger.Delivery:
    """A snapshot that misses a town: 30 of 42 institutions, one of them moved, one new."""
    desk.register()
    rows = [institution(f"A{n}", f"甲{n}") for n in range(30)]
    rows += [institution(f"B{n}", f"乙{n}", area="110115101001") for n in range(12)]
    desk.send("医疗卫生机构2020年1月.csv", INSTITUTION, rows)
    some = [institution("A0", "改名"), *rows[1:30], institution("N1", "新")]
    return desk.send("医疗卫生机构2020年2月.csv", INSTITUTION, some)


def test_a_preview_is_what_the_release_does(desk: Desk, held: ledger.Delivery) -> None:
    assert held.state == "held"
    before = desk.ask("SELECT * FROM known.dim_institution ORDER BY 1, 2, 3")
    effect = preview(held.delivery_id, desk.ctx)
    assert desk.ask("SELECT * FROM known.dim_institution ORDER BY 1, 2, 3") == before
    assert desk.ask(f"SELECT state FROM ledger.delivery WHERE delivery_id = {held.delivery_id}") == [
        ("held",)
    ]  # fmt: skip
    assert (effect.state, effect.counts["loaded"], effect.counts["closed"]) == ("loaded", 2, 12)
    # Twelve versions end and one is renamed: these change; one institution is new.
    assert effect.changes["dim_institution"] == {"new": 1, "changed": 13, "closed": 0}
    told = {figure.code: figure for figure in effect.figures}
    assert (told["hlt_institutions_total"].before, told["hlt_institutions_total"].after) == (42, 31)

    ended = carry(ledger.release(held.delivery_id, "王", desk.ctx), desk.ctx)
    real = evaluate(settings=desk.ctx.settings, hotline=True)
    assert {f.code: f.after for f in effect.figures}.items() <= {
        i.statement.code: i.value for i in real.indicators
    }.items()
    assert real.as_of == effect.as_of_after
    assert {n: getattr(ended, n) for n in ("loaded", "closed", "unchanged", "quarantined")} == {
        n: effect.counts[n] for n in ("loaded", "closed", "unchanged", "quarantined")
    }
    assert desk.ask(NOW) == [(31,)]


def test_the_command(desk: Desk, held: ledger.Delivery, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["preview", str(held.delivery_id), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["verb"], told["changes"]["dim_institution"]["new"]) == ("release", 1)
    assert run(["preview", str(held.delivery_id)]) == 0
    assert "hlt_institutions_total" in capsys.readouterr().out
    assert run(["preview", "1"]) == 1


def test_only_of_what_is_held(desk: Desk) -> None:
    loaded = desk.register()
    with pytest.raises(IllegalMove):
        preview(loaded.delivery_id, desk.ctx)


def test_a_file_that_cannot_be_read_any_more_is_told(desk: Desk, held: ledger.Delivery) -> None:
    path = desk.ctx.archived(held.sha256)
    path.chmod(0o600)
    path.write_bytes(b"\x00\x01")
    effect = preview(held.delivery_id, desk.ctx)
    assert effect.state == "rejected"
    assert effect.reasons
