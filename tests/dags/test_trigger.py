"""The wake-up: files that appear, are half written, stay, vanish; restarts and failing disks."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from etl.settings import Settings
from etl.sources import LandingZone, landing

QUIET = 0.05
SOON = 20.0


class Watch:
    """A running trigger, and how often it has looked."""

    def __init__(self, trigger: Any) -> None:
        self.trigger = trigger
        self.looks = 0
        self.stream: AsyncIterator[Any] = trigger.run()
        self._next: asyncio.Task[Any] | None = None

    async def event(self) -> dict[str, Any]:
        """The next event's content."""
        self._next = self._next or asyncio.ensure_future(anext(self.stream))
        event = await asyncio.wait_for(self._next, SOON)
        self._next = None
        return dict(event.payload)

    async def silent_for(self, looks: int) -> None:
        """Nothing is announced while the zone is looked at so many times more."""
        self._next = self._next or asyncio.ensure_future(anext(self.stream))
        until = self.looks + looks
        while self.looks < until and not self._next.done():
            await asyncio.sleep(0.005)
        assert not self._next.done(), self._next.result()

    async def close(self) -> None:
        if self._next:
            self._next.cancel()
            await asyncio.gather(self._next, return_exceptions=True)


@pytest.fixture
def watched(
    airflow: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[Watch, Path], Awaitable[None]]], None]:
    """Runs a scenario against a trigger that polls fast."""
    from etl.airflow import trigger as module

    monkeypatch.setattr(landing, "QUIET_SECONDS", QUIET)
    settings.landing.mkdir()

    def run(scenario: Callable[[Watch, Path], Awaitable[None]]) -> None:
        async def whole() -> None:
            watch = Watch(module.LandingTrigger(poll_seconds=0.01))
            plain = module.look

            def counted() -> Any:
                watch.looks += 1
                return plain()

            monkeypatch.setattr(module, "look", counted)
            try:
                await scenario(watch, settings.landing)
            finally:
                monkeypatch.setattr(module, "look", plain)
                await watch.close()

        asyncio.run(whole())

    return run


def test_a_file_is_announced_once(watched: Any) -> None:
    async def scenario(watch: Watch, zone: Path) -> None:
        await watch.silent_for(3)
        (zone / "学校名录_2020.csv").write_text("x")
        assert await watch.event() == {"files": 1, "names": ["学校名录_2020.csv"]}
        await watch.silent_for(5)

    watched(scenario)


def test_a_later_file_is_announced_while_the_first_still_lies_there(watched: Any) -> None:
    async def scenario(watch: Watch, zone: Path) -> None:
        (zone / "a.csv").write_text("x")
        await watch.event()
        (zone / "education" / "school").mkdir(parents=True)
        (zone / "education" / "school" / "b.csv").write_text("x")
        assert (await watch.event())["names"] == ["a.csv", "b.csv"]

    watched(scenario)


def test_a_file_being_written_is_left_alone(watched: Any, monkeypatch: Any) -> None:
    async def scenario(watch: Watch, zone: Path) -> None:
        (zone / "late.csv.part").write_text("x")
        (zone / "~$late.xlsx").write_text("x")
        await watch.silent_for(5)
        monkeypatch.setattr(landing, "QUIET_SECONDS", 3600)
        (zone / "slow.csv").write_text("half")
        await watch.silent_for(5)
        monkeypatch.setattr(landing, "QUIET_SECONDS", QUIET)
        assert (await watch.event())["names"] == ["slow.csv"]
        (zone / "late.csv.part").rename(zone / "late.csv")
        assert (await watch.event())["names"] == ["late.csv", "slow.csv"]

    watched(scenario)


def test_a_file_taken_and_sent_again_is_announced_again(watched: Any) -> None:
    async def scenario(watch: Watch, zone: Path) -> None:
        file = zone / "a.csv"
        file.write_text("x")
        await watch.event()
        file.unlink()
        await watch.silent_for(3)
        file.write_text("x")
        assert (await watch.event())["files"] == 1

    watched(scenario)


def test_a_file_that_nobody_takes_is_announced_again_ever_less_often(
    watched: Any, monkeypatch: Any
) -> None:
    from etl.airflow import trigger as module

    monkeypatch.setattr(module, "FIRST_REMINDER_SECONDS", 0.02)

    async def scenario(watch: Watch, zone: Path) -> None:
        (zone / "a.csv").write_text("x")
        looks = []
        for _ in range(5):
            await watch.event()
            looks.append(watch.looks)
        gaps = [b - a for a, b in pairwise(looks)]
        assert gaps[-1] > gaps[0]

    watched(scenario)


def test_a_name_in_any_bytes_is_announced_and_what_is_no_file_is_announced_once(
    watched: Any, monkeypatch: Any
) -> None:
    from etl.airflow import trigger as module

    monkeypatch.setattr(module, "FIRST_REMINDER_SECONDS", 0.02)

    async def scenario(watch: Watch, zone: Path) -> None:
        os.mkfifo(zone / "管.csv")
        assert await watch.event() == {"files": 0, "names": []}
        await watch.silent_for(20)
        (zone / os.fsdecode("学校.csv".encode("gbk"))).write_text("x")
        event = await watch.event()
        assert event == {"files": 1, "names": ["学校.csv"]}
        assert json.dumps(event, ensure_ascii=False).encode()

    watched(scenario)


def test_a_restart_announces_what_lies_there_and_nothing_that_was_taken(watched: Any) -> None:
    async def before(watch: Watch, zone: Path) -> None:
        (zone / "taken.csv").write_text("x")
        (zone / "left.csv").write_text("x")
        await watch.event()
        (zone / "taken.csv").unlink()

    async def after(watch: Watch, zone: Path) -> None:
        assert await watch.event() == {"files": 1, "names": ["left.csv"]}
        await watch.silent_for(5)

    watched(before)
    watched(after)


def test_a_failing_disk_does_not_end_the_watch(watched: Any, monkeypatch: Any) -> None:
    from etl.airflow import trigger as module

    plain, failures = LandingZone.entries, []

    def failing(zone: LandingZone) -> Any:
        if len(failures) < 2:
            failures.append(1)
            raise OSError("stale file handle")
        return plain(zone)

    monkeypatch.setattr(LandingZone, "entries", failing)
    monkeypatch.setattr(module, "TROUBLE_SECONDS", 0.01)

    async def scenario(watch: Watch, zone: Path) -> None:
        (zone / "a.csv").write_text("x")
        assert (await watch.event())["files"] == 1
        assert len(failures) == 2

    watched(scenario)


def test_the_watch_leaves_word_that_it_looked_and_survives_if_it_cannot(watched: Any) -> None:
    from etl.airflow.trigger import HEARTBEAT_KEY

    stored: list[str] = []

    class Store:
        async def aset(self, key: str, value: str) -> None:
            stored.append(key)
            raise ConnectionError("the API server is away")

    async def scenario(watch: Watch, zone: Path) -> None:
        watch.trigger.asset_state_store = Store()
        (zone / "a.csv").write_text("x")
        assert (await watch.event())["files"] == 1
        assert stored == [HEARTBEAT_KEY]

    watched(scenario)


def test_the_trigger_is_made_again_from_what_airflow_stores(airflow: Path) -> None:
    from airflow.sdk.module_loading import import_string

    from etl.airflow.trigger import LandingTrigger

    path, arguments = LandingTrigger(poll_seconds=0.25).serialize()
    again = import_string(path)(**arguments)
    assert isinstance(again, LandingTrigger)
    assert again.serialize() == (path, arguments)
    assert str(Path.cwd()) not in str(arguments)  # the same on every machine
