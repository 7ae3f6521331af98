"""A source is a seam: what is plugged in is received like a file, and taken away once the ledger has it."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePath

import pytest
import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.receive import receive, tidy
from etl.settings import ROOT, Settings
from etl.sources import LandingZone, Look, Source, landing

TEXT = "编号,名称,状态\n{},一小,正常\n"


@dataclass(frozen=True)
class Message:
    """One attachment."""

    box: Mailbox
    place: PurePath
    arrived_at: datetime = datetime(2020, 2, 1, 8, tzinfo=UTC)
    path: None = None

    def save(self, to: Path) -> None:
        to.write_bytes(self.box.attachments[str(self.place)])

    def taken(self) -> None:
        del self.box.attachments[str(self.place)]


@dataclass
class Mailbox:
    """A source of the test's own: attachments by name."""

    attachments: dict[str, bytes] = field(default_factory=dict)

    def look(self) -> Look:
        return Look([Message(self, PurePath(name)) for name in sorted(self.attachments)])


@pytest.fixture
def ctx(
    ingest_settings: Settings, fresh_database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Context]:
    monkeypatch.setenv("MINSHENG_FEEDS", str(ROOT / "tests" / "feeds"))
    monkeypatch.setattr(landing, "QUIET_SECONDS", -1.0)
    opened = Context.of(Settings.load())
    yield opened
    opened.engine.dispose()


def test_a_source_of_ones_own(ctx: Context) -> None:
    by_name, by_folder = TEXT.format("2111000001").encode(), TEXT.format("2111000002").encode()
    box: Source = Mailbox(
        {"模型学校_20200131_a.csv": by_name, "education/model_school/二月_20200229_.csv": by_folder}
    )
    received = [each for offer in box.look().files for each in receive(offer, ctx=ctx)]
    assert [(each.feed, each.file_name, each.state) for each in received] == [
        ("education.model_school", "二月_20200229_.csv", "received"),
        ("education.model_school", "模型学校_20200131_a.csv", "received"),
    ]
    assert ctx.archived(hashlib.sha256(by_name).hexdigest()).read_bytes() == by_name
    assert box.look().files == [], "the ledger has them"


def test_answers_are_taken_away_as_well(ctx: Context) -> None:
    of_another = b'{"minsheng": "repair", "warehouse": "another one", "answers": []}'
    box = Mailbox({"答复.json": of_another})
    (answer,) = receive(box.look().files[0], ctx=ctx)
    assert [reason["rule"] for reason in answer.reasons] == ["other_warehouse"]
    assert box.look().files == [], "the ledger has them"


def test_what_the_ledger_does_not_get_stays_at_its_source(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("INSERT", {}, Exception("the server is gone"))

    monkeypatch.setattr(ledger, "register", away)
    box = Mailbox({"模型学校_20200131_a.csv": TEXT.format("2111000001").encode()})
    with pytest.raises(sa.exc.OperationalError):
        receive(box.look().files[0], ctx=ctx)
    assert len(box.look().files) == 1


def test_a_file_that_the_ledger_does_not_get_is_offered_again(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = LandingZone(ctx.settings.landing)
    path = zone.root / "education" / "model_school" / "模型学校_20200131_a.csv"
    path.parent.mkdir(parents=True)
    path.write_text(TEXT.format("2111000001"), encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "register", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            receive(zone.look().files[0], ctx=ctx)
    (again,) = zone.look().files
    (delivery,) = receive(again, ctx=ctx)
    assert (delivery.feed, delivery.file_name) == ("education.model_school", path.name)
    assert zone.look().files == []


def test_a_corrected_file_sent_while_the_first_is_archived_is_the_next_delivery(
    ctx: Context,
) -> None:
    folder = ctx.settings.landing / "education" / "model_school"
    folder.mkdir(parents=True)
    path = folder / "模型学校_20200131_a.csv"
    first, second = TEXT.format("2111000001"), TEXT.format("2111000002")
    path.write_text(first + "2111000009,很长的名称,正常\n" * 400_000, encoding="utf-8")

    def sender() -> None:
        while not list(ctx.settings.archive.glob(".incoming-*")):
            pass
        corrected = path.with_suffix(".part")
        corrected.write_text(second, encoding="utf-8")
        corrected.rename(path)

    thread = threading.Thread(target=sender)
    thread.start()
    receive(path, ctx=ctx, consume=True)
    thread.join()
    assert [each.name for each in folder.iterdir()] == [path.name]
    (delivery,) = receive(path, ctx=ctx, consume=True)
    assert delivery.sha256 == hashlib.sha256(second.encode()).hexdigest()
    assert list(folder.iterdir()) == []


def test_a_name_in_gbk_is_entered_as_its_sender_saw_it(ctx: Context) -> None:
    folder = ctx.settings.landing / "education" / "model_school"
    folder.mkdir(parents=True)
    path = Path(os.fsdecode(os.fsencode(folder) + "/模型学校_20200131_a.csv".encode("gbk")))
    path.write_text(TEXT.format("2111000001"), encoding="utf-8")
    (offer,) = LandingZone(ctx.settings.landing).look().files
    (delivery,) = receive(offer, ctx=ctx)
    assert (delivery.file_name, delivery.state) == ("模型学校_20200131_a.csv", "received")
    with ctx.engine.connect() as connection:
        assert ledger.get(connection, delivery.delivery_id).file_name == delivery.file_name


def test_an_unfinished_copy_of_a_dead_process_goes_in_the_end(ctx: Context) -> None:
    ctx.settings.archive.mkdir(parents=True, exist_ok=True)
    old, new = (ctx.settings.archive / f".incoming-{name}" for name in ("old", "new"))
    for copy in (old, new):
        copy.write_bytes(b"half")
    os.utime(old, (0, 0))
    tidy(ctx)
    assert (old.exists(), new.exists()) == (False, True)
