"""Cases of several files: names, archives, versions of one thing, snapshots out of order. Cell by cell from the star."""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path
from typing import Any

import pytest

from etl import ledger
from etl.context import Context
from etl.ingest import carry, ingest
from etl.settings import Settings
from tests.cases.desk import deliver, query

pytestmark = pytest.mark.slow


def local(column: str) -> str:
    """SQL: a time in Beijing as text."""
    return f"to_char({column} AT TIME ZONE 'Asia/Shanghai', 'MM-DD HH24:MI:SS.MS')"


def orders(ctx: Context, *columns: str) -> list[tuple[Any, ...]]:
    """Orders of the star, by their id."""
    return query(ctx, f"SELECT order_id, {', '.join(columns)} FROM star.fact_work_order ORDER BY 1")


def test_13_strict_ooxml(ctx: Context, files: Path) -> None:
    delivery = deliver(ctx, files / "13-strict-ooxml" / "接诉即办工单_2021年3月.xlsx")
    assert (delivery.state, delivery.quarantined) == ("loaded", 0)
    columns = ("opened_at", "dispatched_at", "closed_at", "source_at")
    assert orders(ctx, *map(local, columns)) == [
        ("G001", "03-05 14:30:00.000", "03-05 15:30:00.000", "03-06 00:00:00.000", "03-06 16:00:00.000"),
        ("G002", "03-05 14:30:00.000", "03-05 15:30:00.000", None, "03-06 08:00:00.000"),
        ("G003", "03-05 14:30:00.500", None, "03-06 00:00:00.000", None),
    ]  # fmt: skip


def test_16_names_and_methods_of_zips(ctx: Context, files: Path) -> None:
    """學校 in GBK bytes that are valid UTF-8, too; Deflate64; folders; LZMA; a name without a year."""
    seen = {}
    for letter in "abcde":
        delivery = deliver(ctx, files / "16-zip-names-methods" / f"学校名录_{letter}.zip")
        told = [reason["rule"] for reason in delivery.reasons]
        seen[letter] = (delivery.member, delivery.state, told)
    assert seen == {
        "a": ("2021学校.csv", "loaded", []),
        "b": ("学校名录2021.csv", "rejected", ["packing_method"]),
        "c": ("各区报送/大兴/学校名录2021.csv", "duplicate", ["duplicate_delivery"]),
        "d": ("学校名录2021.csv", "duplicate", ["duplicate_delivery"]),
        "e": ("小学.csv", "rejected", ["period_unreadable"]),
    }
    assert query(ctx, "SELECT school_id, school_name FROM star.dim_school WHERE school_key > 0") == [
        ("2111000001", "测试第一小学")
    ]  # fmt: skip


def test_17_versions_of_an_order(ctx: Context, files: Path) -> None:
    folder = files / "17-versions-of-an-order"
    counts = []
    for name in ("2021年3月", "2021年4月", "2021年3月_补"):
        done = deliver(ctx, folder / f"接诉即办工单_{name}.csv")
        counts.append(
            (done.loaded, done.unchanged, done.superseded, done.duplicate, done.quarantined)
        )
    satisfied = "resolution || satisfaction"
    assert orders(ctx, local("source_at"), satisfied) == [
        ("G001", "03-07 09:00:00.000", "解决满意"),
        ("G003", "03-07 09:00:00.000", "解决满意"),
        ("G004", "03-07 09:00:30.000", "解决满意"),
        ("G005", "03-09 09:00:00.000", "解决满意"),
        ("G006", "03-07 09:00:00.000", "解决满意"),
    ]
    assert counts == [(4, 0, 0, 4, 2), (1, 0, 1, 0, 0), (0, 0, 1, 0, 0)]


def test_24_names_of_files(
    ctx: Context, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(files / "24-file-name-bytes" / "make.py"))
    done = ingest([tmp_path], ctx=ctx)
    assert sorted((each.file_name, each.state, each.loaded) for each in done) == [
        ("学校名录%（2024年）$(x)'.csv", "loaded", 1),
        ("学校名录2021年.csv", "loaded", 1),
        ("学校名录2022年 .csv", "loaded", 1),
        ("学校名录2023年\\x0a.csv", "loaded", 1),
        ("学校名录2025" + "长" * 75 + ".csv", "loaded", 1),
    ]
    told = query(ctx, "SELECT school_id, valid_from FROM star.dim_school WHERE school_key > 0")
    assert sorted(code for code, _ in told) == [f"211100000{n}" for n in range(1, 6)]


def test_32_snapshots_out_of_order(ctx: Context, files: Path) -> None:
    folder = files / "32-snapshots-out-of-order"
    states = []
    for name in ("2021年1月", "2021年3月", "2021年2月", "2021年2月_更正", "2021年4月"):
        done = deliver(ctx, folder / f"医疗卫生机构{name}.csv")
        states.append(done.state)
        if done.state == "held":
            done = carry(ledger.release(done.delivery_id, "test", ctx), ctx)
    assert states == ["loaded", "loaded", "held", "loaded", "held"], (
        "February lacks a third, April is March"
    )
    line = "institution_id, beds, registered_on::text, valid_from::text, valid_to::text"
    assert query(ctx, f"SELECT {line} FROM star.dim_institution WHERE institution_key > 0 ORDER BY 1, 4") == [
        ("D01", 100, "2001-01-01", "2021-01-31", "2021-02-28"),
        ("D01", 115, "2001-01-01", "2021-02-28", "2021-03-31"),
        ("D01", 120, "2001-01-01", "2021-03-31", "infinity"),
        ("D02", 5, "2002-01-01", "2021-01-31", "2021-03-31"),
        ("D02", 5, "2021-03-01", "2021-03-31", "infinity"),
        ("D03", 5, "2003-01-01", "2021-01-31", "2021-02-28"),
        ("D03", 5, "2003-01-01", "2021-03-31", "infinity"),
    ]  # fmt: skip


def test_35_a_revised_year(ctx: Context, files: Path) -> None:
    """A year of which a file only has a row is not told anew; a correction of it counts."""
    folder = files / "35-revised-back-series"
    for name in ("2020年", "2021年", "2020年_更正"):
        assert deliver(ctx, folder / f"常住人口{name}.csv").state == "loaded"
    rows = query(ctx, "SELECT year, residents::int FROM star.fact_population_year ORDER BY 1, 2")
    assert rows == [(2020, 55_000), (2020, 115_000), (2021, 51_000), (2021, 112_000)]


def test_36_special_characters_in_rules(
    ingest_settings: Settings, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = files / "36-rule-special-characters"
    shutil.copytree(folder / "feeds", tmp_path / "feeds")
    monkeypatch.setenv("MINSHENG_FEEDS", str(tmp_path / "feeds"))
    ctx = Context.of(Settings.load())
    delivery = deliver(ctx, folder / "规则字符2021Q1.csv")
    assert (delivery.loaded, delivery.quarantined) == (6, 5)
    assert query(ctx, "SELECT project_id, renewal_type FROM star.fact_renewal ORDER BY 1") == [
        ("A:1%", "50%以下"), ("A:2", "it's"), ("A:3", "a:b"),
        ("A:4", "back\\slash"), ("A:5", "%(x)s"), ("A:6", ":name"),
    ]  # fmt: skip
    rules = query(
        ctx,
        "SELECT row_no, array_agg(DISTINCT r->>'rule' ORDER BY r->>'rule') FROM ledger.quarantine,"
        " jsonb_array_elements(reasons::jsonb) r GROUP BY 1 ORDER BY 1",
    )
    assert rules == [
        (7, ["codes.renewal_type", "not_like"]), (8, ["pattern.project_id"]), (9, ["not_like"]),
        (10, ["codes.renewal_type", "type_like"]), (11, ["range.share"]),
    ]  # fmt: skip
