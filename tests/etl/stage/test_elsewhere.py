"""Things that another feed should have told of, and days on the calendar of worked days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from etl.context import Context
from etl.ledger import Delivery
from etl.settings import Settings
from etl.stage.elsewhere import late
from tests.cases.author import Author, codes

HEAD = "单号,时间,原单号"
FIELDS = ("order_id:单号:string:k", "opened_at:时间:timestamp:r", "parent_id:原单号:string")


@pytest.fixture
def author(ingest_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Author:
    monkeypatch.setenv("MINSHENG_FEEDS", str(tmp_path / "feeds"))
    return Author(Context.of(Settings.load()), tmp_path)


@pytest.mark.parametrize(("severity", "state"), [("warn", "loaded"), ("hold", "loaded")])
def test_before_the_other_feeds_deadline_it_is_a_warning(
    author: Author, severity: str, state: str
) -> None:
    """The other feed has no deadline: what it has not told of may always come."""
    author.feed("parent", mode="full")
    reference = {"field": "parent_id", "feed": "hotline.parent", "severity": severity}
    author.feed("child", FIELDS, custom={"references": [reference]})
    author.one("parent_1.csv", "单号,时间", "P1,2021-01-01 08:00")
    done = author.one(
        "child_1.csv", HEAD, "A,2021-01-02 08:00,P1", "B,2021-01-02 08:00,P9", "C,2021-01-02 08:00,"
    )
    assert (done.state, codes(done)) == (state, ["reference_missing"])
    assert (done.reasons[0]["found"], done.reasons[0]["rows"]) == ("P9", 1)


def test_after_it_the_delivery_is_held(author: Author) -> None:
    path = author.feed("parent", mode="full")
    text = path.read_text("utf-8").replace(
        "slaProperties:\n", "slaProperties:\n- property: deadline\n  value: 10\n  unit: d\n"
    )
    path.write_text(text, "utf-8")
    reference = {"field": "parent_id", "feed": "hotline.parent", "severity": "hold"}
    author.feed("child", FIELDS, custom={"references": [reference]})
    author.one("parent_1.csv", "单号,时间", "P1,2021-01-01 08:00")
    held = author.one("child_1.csv", HEAD, "A,2021-01-02 08:00,P9")
    assert (held.state, codes(held)) == ("held", ["reference_missing"])


@pytest.mark.parametrize(("received", "days"), [("2020-02-07", 5), ("2020-02-10", 6)])
def test_worked_days_are_those_of_the_calendar(opened: Context, received: str, days: int) -> None:
    """January 2020 ended in the lengthened spring festival: work began on 3 February, the weekend of the 8th is none."""
    with opened.engine.connect() as connection:
        worked = connection.execute(
            sa.text(
                "SELECT count(*) FROM star.dim_date WHERE is_workday AND date_key > '2020-01-31' AND date_key <= :r"
            ),
            {"r": date.fromisoformat(received)},
        ).scalar_one()
    assert worked == days


def test_a_late_delivery_is_told(author: Author) -> None:
    path = author.feed("slow", custom={"freshness": {"workdays": 5}})
    contract = author.ctx.contract("hotline.slow")
    assert path.exists()

    def received(day: int) -> list[str]:
        delivery = Delivery(
            **dict.fromkeys(Delivery.__dataclass_fields__)  # type: ignore[arg-type]
            | {
                "delivery_id": 1, "period_end": date(2020, 1, 31), "repairs": None,
                "received_at": datetime(2020, 2, day, 3, tzinfo=UTC),
            }
        )  # fmt: skip
        with author.ctx.engine.connect() as connection:
            return [reason.code for reason in late(connection, delivery, contract)]

    assert (received(7), received(10)) == ([], ["late"])
