from __future__ import annotations

import time
from pathlib import Path

import duckdb
import pytest
from minsheng_sample import orders
from minsheng_sample.orders import COLUMNS, write_orders_csv


def table(path: Path) -> duckdb.DuckDBPyRelation:
    return duckdb.sql(f"SELECT * FROM read_csv('{path}', all_varchar=true, header=true)")


def test_orders_are_as_told(tmp_path: Path) -> None:
    written = write_orders_csv(tmp_path / "a.csv", 5000, 1, fault_share=0.02)
    orders = table(tmp_path / "a.csv")
    assert len(orders.columns) == len(COLUMNS) == 21
    frame = orders.df()
    assert len(frame) == written.rows == 5000
    assert frame["工单编号"].is_unique
    assert frame["工单编号"].is_monotonic_increasing
    assert frame["来电时间"].is_monotonic_increasing
    damaged = (
        frame["一级分类"].isna()
        | (frame["是否解决"] == "办理中")
        | (frame["办结时间"] < frame["来电时间"])
    )
    assert damaged.sum() == written.faulty
    assert 60 < written.faulty < 140
    assert frame["来电号码"].str.fullmatch(r"13\d0000\d{4}").all()
    size = (tmp_path / "a.csv").stat().st_size / 5000
    assert 330 < size < 450


def test_pieces_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_orders_csv(tmp_path / "a.csv", 3000, 5)
    monkeypatch.setattr(orders, "PIECE", 700)
    write_orders_csv(tmp_path / "b.csv", 3000, 5)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    write_orders_csv(tmp_path / "c.csv", 3000, 6)
    assert (tmp_path / "a.csv").read_bytes() != (tmp_path / "c.csv").read_bytes()


def test_a_resend_changes_its_share_and_nothing_else(tmp_path: Path) -> None:
    write_orders_csv(tmp_path / "a.csv", 4000, 1)
    written = write_orders_csv(tmp_path / "b.csv", 4000, 1, changed_share=0.1)
    before, after = table(tmp_path / "a.csv").df(), table(tmp_path / "b.csv").df()
    assert (before["工单编号"] == after["工单编号"]).all()
    changed = before["更新时间"] != after["更新时间"]
    assert changed.sum() == written.changed
    assert 320 < written.changed < 480
    assert (after["更新时间"][changed] > before["更新时间"][changed]).all()
    assert before[~changed].equals(after[~changed])


def test_a_delta_holds_the_changed_and_the_new(tmp_path: Path) -> None:
    whole = write_orders_csv(tmp_path / "a.csv", 4000, 1, changed_share=0.1)
    written = write_orders_csv(
        tmp_path / "b.csv", 4000, 1, changed_share=0.1, delta=True, new_rows=300
    )
    assert written.changed == whole.changed
    assert written.new == 300
    assert written.rows == len(table(tmp_path / "b.csv")) == whole.changed + 300
    latest = table(tmp_path / "a.csv").df()["工单编号"].max()
    assert (table(tmp_path / "b.csv").df()["工单编号"] > latest).sum() == 300


@pytest.mark.slow
def test_a_million_orders_take_seconds(tmp_path: Path) -> None:
    started = time.process_time()
    written = write_orders_csv(tmp_path / "a.csv", 1_000_000, 1)
    assert time.process_time() - started < 15
    assert written.rows == 1_000_000
    assert 800 < written.faulty < 1200
