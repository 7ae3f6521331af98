"""A warehouse that was filled before claims were kept: its rows speak for themselves until they are told again."""

from __future__ import annotations

import sqlalchemy as sa

from tests.etl.load.files import CONTRACT, INSTITUTION, Desk, institution


def forget(desk: Desk) -> None:
    """As after the upgrade: star and history, but no claim."""
    targets = [row[0] for row in desk.ask("SELECT target FROM ledger.target")]
    with desk.ctx.engine.begin() as connection:
        for table in ("ledger.claim", "ledger.scope", *(f"claim.{name}" for name in targets)):
            connection.execute(sa.text(f"DELETE FROM {table}"))


def test_the_next_snapshot_changes_and_closes_as_ever(desk: Desk) -> None:
    desk.send(
        "医疗卫生机构2020年1月.csv", INSTITUTION, [institution(f"I{n}") for n in (1, 2, 3, 4)]
    )
    forget(desk)
    rows = [institution("I1"), institution("I2", "新"), institution("I3")]
    done = desk.send("医疗卫生机构2020年2月.csv", INSTITUTION, rows)
    assert (done.loaded, done.unchanged, done.closed) == (1, 2, 1)
    rows = desk.ask(
        "SELECT institution_id, institution_name, valid_to::text FROM star.dim_institution ORDER BY 1, valid_from"
    )
    assert rows == [
        ("I1", "甲", "infinity"),
        ("I2", "甲", "2020-02-29"),
        ("I2", "新", "infinity"),
        ("I3", "甲", "infinity"),
        ("I4", "甲", "2020-02-29"),
    ]


def test_facts_too(desk: Desk) -> None:
    rows = [[f"E{n}", "甲", None, "2020-01-01", None, None] for n in (1, 2, 3, 4)]
    desk.send("物业服务合同2020年第1季度.csv", CONTRACT, rows)
    forget(desk)
    done = desk.send("物业服务合同2020年第2季度.csv", CONTRACT, rows[:3])
    assert (done.unchanged, done.closed) == (3, 1)
    assert desk.ask("SELECT count(*) FROM star.fact_property_contract") == [(3,)]
