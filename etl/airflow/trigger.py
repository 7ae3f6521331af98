"""The wake-up: watches the landing zone from inside the triggerer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

POLL_SECONDS = 0.5
FIRST_REMINDER_SECONDS = 10.0
LAST_REMINDER_SECONDS = 60.0
TROUBLE_SECONDS = 5.0
HEARTBEAT_SECONDS = 15.0
HEARTBEAT_KEY = "scanned_at"
_NAMES_SHOWN = 10

Stamp = tuple[str, int, int]
"""A file as it was seen: path, size, time of last change. A file written anew is a new stamp."""


class LandingTrigger(BaseEventTrigger):
    """Fires while complete files lie in the landing zone that nobody has taken away.

    `intake` removes a file once its bytes are in the archive, so a file that still
    lies there is one that was never received. That makes the zone its own memory:
    after a restart the files found are announced again, nothing else is, and nothing
    can be forgotten. A file not taken away is announced anew, ever less often.
    An event says only "look"; `intake` and the ledger decide what is new.
    """

    def __init__(self, poll_seconds: float = POLL_SECONDS) -> None:
        super().__init__()
        self.poll_seconds = poll_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Path of the class and its arguments; the landing zone itself comes from the settings."""
        return f"{type(self).__module__}.{type(self).__qualname__}", {
            "poll_seconds": self.poll_seconds
        }

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look, announce, sleep; an error of the file system is logged and never ends the watch."""
        announced: frozenset[Stamp] = frozenset()
        remind_at = beat_at = 0.0
        pause = FIRST_REMINDER_SECONDS
        while True:
            began = time.monotonic()
            try:
                lying = await asyncio.to_thread(look)
            except Exception:
                self.log.exception("The landing zone could not be read; trying again")
                await asyncio.sleep(TROUBLE_SECONDS)
                continue
            if began >= beat_at:
                beat_at = began + HEARTBEAT_SECONDS
                await self._beat()
            if lying - announced:
                pause = FIRST_REMINDER_SECONDS
            elif lying and began >= remind_at:
                pause = min(pause * 2, LAST_REMINDER_SECONDS)
            else:
                announced &= lying
                await asyncio.sleep(self.poll_seconds)
                continue
            announced, remind_at = lying, began + pause
            yield TriggerEvent({"files": len(lying), "names": sorted(_names(lying))[:_NAMES_SHOWN]})
            await asyncio.sleep(self.poll_seconds)

    async def _beat(self) -> None:
        """Leave word that the zone was looked at; `sweep` raises the alarm when it stops."""
        if self.asset_state_store is None:
            return
        try:
            await self.asset_state_store.aset(HEARTBEAT_KEY, datetime.now(UTC).isoformat())
        except Exception:
            self.log.warning("The heartbeat of the landing watch was not stored", exc_info=True)


def look() -> frozenset[Stamp]:
    """The complete files that lie in the landing zone now."""
    from etl.settings import Settings
    from etl.sources.landing import scan

    return frozenset(stamp for path in scan(Settings.load()) if (stamp := _stamp(path)))


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except FileNotFoundError:  # received between the scan and now
        return None
    return str(path), status.st_size, status.st_mtime_ns


def _names(stamps: frozenset[Stamp]) -> set[str]:
    return {Path(path).name for path, _, _ in stamps}
