"""Publications: refused while they are not ready, never changed, recomputed to the digit whatever comes after."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from etl.database.prepare import prepare
from etl.errors import MinshengError, UsageError
from etl.evaluate import evaluate
from etl.evaluate.known import BEIJING
from etl.plan import Plan, load_plan
from etl.preview import withdraw
from etl.publication import Persons, publish, published, published_report, verify
from etl.publication.record import folder_of
from tests.etl.load.files import SEAT, Desk, seats

DAY = date(2021, 3, 31)
PEOPLE = Persons("填报甲", "审核乙", "批准丙")
CODE = "edu_compulsory_seats_added"


def send(
    desk: Desk, number: str, places: int, quarter: str = "第1季度", day: str = "2021-01-05"
) -> Any:
    row = [*seats(number, places)[:5], day, "x"]
    return desk.send(f"学位变动_2021年{quarter}.csv", SEAT, [row])


def go(desk: Desk, document_no: str = "测〔2021〕1号", **options: Any) -> Any:
    options = {"override": "测试数据", **options}
    return publish(desk.ctx, DAY, options.pop("persons", PEOPLE), document_no, **options)


def codes(desk: Desk, number: int) -> list[str]:
    return [reason.code for reason in verify(desk.ctx, number)]


def value(desk: Desk, number: int, code: str = CODE) -> Any:
    query = f"SELECT value FROM bi.published_value WHERE version = {number} AND indicator_code = '{code}'"
    return desk.ask(query)[0][0]


def test_three_people_one_number_and_nothing_missing(desk: Desk) -> None:
    send(desk, "C1", 100)
    with pytest.raises(UsageError) as refused:
        go(desk, persons=Persons("甲", "乙", "甲"))
    assert refused.value.reason.code == "same_person"
    with pytest.raises(MinshengError) as refused:
        go(desk, override=None)
    assert refused.value.reason.code == "not_ready"
    assert "医疗卫生机构" in refused.value.reason.message_zh
    first = go(desk)
    assert (first.version, first.kind, first.override_why) == (1, "first", "测试数据")
    assert [each["code"] for each in first.overridden] == ["lacking"]
    with pytest.raises(UsageError) as refused:
        go(desk, update="x")
    assert refused.value.reason.code == "document_no_used"


def test_a_later_version_says_what_it_revises(desk: Desk) -> None:
    send(desk, "C1", 100)
    go(desk)
    with pytest.raises(UsageError) as refused:
        go(desk, "2号")
    assert refused.value.reason.code == "revises_which"
    with pytest.raises(MinshengError) as refused:
        go(desk, "2号", update="无变化")
    assert refused.value.reason.code == "nothing_changed"
    send(desk, "C2", 50, "第1季度_补")
    second = go(desk, "2号", update="补报到达")
    assert (second.version, second.kind, second.revises, second.why) == (2, "update", 1, "补报到达")
    [changed] = [each for each in second.revised if each["code"] == CODE]
    assert (changed["before"]["value"], changed["after"]["value"]) == (100, 150)
    assert [value(desk, number) for number in (1, 2)] == [100, 150]
    assert desk.ask("SELECT version, is_latest FROM bi.publication ORDER BY 1") == [
        (1, False),
        (2, True),
    ]


def test_what_comes_later_changes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two versions, then thirty deliveries, a withdrawal, a migration and another definition: to the digit, byte for byte."""
    send(desk, "C1", 100)
    go(desk)
    sent = send(desk, "C2", 20, "第1季度_2")
    go(desk, "测〔2021〕2号", update="补报")
    for number in range(3, 32):
        send(desk, f"C{number}", number, f"第1季度_{number}")
    send(desk, "C1", 7, "第1季度_更正")
    withdraw(sent.delivery_id, by="丁", reason="报错", ctx=desk.ctx)
    with desk.ctx.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE star.fact_seat_change ADD COLUMN remark text"))
    prepare(desk.ctx.engine)
    edited = _counting_no_stage()
    monkeypatch.setattr("etl.evaluate.known.load_plan", lambda: edited)
    assert evaluate(DAY, settings=desk.ctx.settings)[CODE].value == 0
    assert (codes(desk, 1), codes(desk, 2)) == ([], [])
    assert (value(desk, 1), value(desk, 2)) == (100, 120)


def _counting_no_stage() -> Plan:
    """The plan with another definition of the indicator, which counts nothing."""
    return replace(
        load_plan(),
        statements=tuple(
            replace(
                s, definition={**s.definition, "stages": []}, definition_version="2", definitions=()
            )
            if s.code == CODE
            else s
            for s in load_plan().statements
        ),
    )


def test_a_touched_folder_is_told_file_by_file(desk: Desk) -> None:
    send(desk, "C1", 100)
    go(desk)
    folder = folder_of(desk.ctx.settings, 1)
    figures, receipt = folder / "figures.json", folder / "receipts" / f"{CODE}.json"
    assert not figures.stat().st_mode & stat.S_IWUSR
    kept = json.loads(figures.read_text(encoding="utf-8"))
    [figure] = [each for each in kept["figures"] if each["code"] == CODE]
    assert figure["value"] == sum(thing["numerator"] for thing in json.loads(receipt.read_bytes()))
    receipt.chmod(0o644)
    receipt.write_text("[]", encoding="utf-8")
    (folder / "more.txt").write_text("x", encoding="utf-8")
    assert codes(desk, 1) == ["file_touched", "file_added"]
    receipt.unlink()
    assert codes(desk, 1) == ["file_missing", "file_added"]


def test_the_report_goes_with_it_and_stays(desk: Desk, tmp_path: Path) -> None:
    """Its pages, workbook and document say which version they are, by whom, and why it went out as it is."""
    send(desk, "C1", 100)
    go(desk, '测〔2021〕"1<号')
    send(desk, "C2", 50, "第2季度")
    index = published_report(desk.ctx, 1, tmp_path / "copy")
    told = index.read_text(encoding="utf-8")
    for words in ("第 1 版", "填报甲 / 审核乙 / 批准丙", "测试数据", "测〔2021〕&#34;1&lt;号"):
        assert words in told
    assert '"1<' not in told
    assert "草稿" not in told
    figures = json.loads((tmp_path / "copy" / "data" / "values.json").read_text("utf-8"))
    assert {row["value"] for row in figures if row["code"] == CODE} == {100}
    folder = folder_of(desk.ctx.settings, 1) / "report"
    copied = {
        path.relative_to(index.parent): path.read_bytes()
        for path in index.parent.rglob("*")
        if path.is_file()
    }
    assert copied == {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    page = folder / "index.html"
    page.chmod(0o644)
    page.write_text("x")
    with pytest.raises(MinshengError) as refused:
        published_report(desk.ctx, 1, tmp_path / "again")
    assert refused.value.reason.code == "file_touched"
    assert not (tmp_path / "again").exists()


def test_the_ledger_refuses_to_change_it(desk: Desk) -> None:
    send(desk, "C1", 100)
    go(desk)
    for statement in ("UPDATE ledger.publication SET why = 'x'", "DELETE FROM ledger.publication"):
        with pytest.raises(sa.exc.DBAPIError, match="never changed"), desk.ctx.engine.begin() as c:
            c.execute(sa.text(statement))


def test_nobody_reads_figures_before_the_embargo_ends(desk: Desk) -> None:
    send(desk, "C1", 100)
    later = datetime.now(BEIJING) + timedelta(hours=1)
    made = go(desk, embargo_until=later, seen_by=["区领导"])
    assert desk.ask("SELECT * FROM bi.published_value") == []
    assert desk.ask("SELECT version FROM bi.publication") == [(1,)]
    assert made.seen_by == ["区领导"]
    with desk.ctx.engine.connect() as connection:
        assert [each.version for each in published(connection)] == [1]


def test_a_publication_that_was_cut_off_is_none(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(desk, "C1", 100)

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("etl.publication.issuing._enter", stop)
    with pytest.raises(KeyboardInterrupt):
        go(desk)
    monkeypatch.undo()
    assert go(desk).version == 1
    assert codes(desk, 1) == []
    left = {path.name for path in Path(folder_of(desk.ctx.settings, 1)).parent.iterdir()}
    assert left == {"1"}
