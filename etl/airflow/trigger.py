"""The wake-up: watches the landing zone from inside the triggerer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

if TYPE_CHECKING:
    from etl.reasons import Reason
    from etl.sources.landing import Stamp

POLL_SECONDS = 0.5
FIRST_REMINDER_SECONDS = 10.0
LAST_REMINDER_SECONDS = 60.0
TROUBLE_SECONDS = 5.0
HEARTBEAT_SECONDS = 15.0
HEARTBEAT_KEY = "scanned_at"
_NAMES_SHOWN = 10


class LandingTrigger(BaseEventTrigger):
    """Fires while complete files lie in the landing zone that nobody has taken away.

    `intake` removes a file once its bytes are in the archive, so a file that still
    lies there is one that was never received. That makes the zone its own memory:
    after a restart the files found are announced again, nothing else is, and nothing
    can be forgotten. A file not taken away is announced anew, ever less often; what is no
    file that could be received is announced once, so that `intake` tells of it.
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
        told: frozenset[Reason] = frozenset()
        remind_at = beat_at = 0.0
        pause = FIRST_REMINDER_SECONDS
        while True:
            began = time.monotonic()
            try:
                lying, passed_over = await asyncio.to_thread(look)
            except Exception:
                self.log.exception("The landing zone could not be read; trying again")
                await asyncio.sleep(TROUBLE_SECONDS)
                continue
            if began >= beat_at:
                beat_at = began + HEARTBEAT_SECONDS
                await self._beat()
            if lying - announced or passed_over - told:
                pause = FIRST_REMINDER_SECONDS
            elif lying and began >= remind_at:
                pause = min(pause * 2, LAST_REMINDER_SECONDS)
            else:
                announced &= lying
                told &= passed_over
                await asyncio.sleep(self.poll_seconds)
                continue
            announced, told, remind_at = lying, passed_over, began + pause
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


def look() -> tuple[frozenset[Stamp], frozenset[Reason]]:
    """The complete files that lie in the landing zone now, and what lies there and is passed over."""
    from etl.settings import Settings
    from etl.sources import LandingZone

    lying, passed_over = LandingZone(Settings.load().landing).entries()
    return frozenset(file.stamp for file in lying), frozenset(passed_over)


def _names(stamps: frozenset[Stamp]) -> set[str]:
    from etl.sources.names import readable

    return {readable(Path(path).name) for path, _, _ in stamps}
