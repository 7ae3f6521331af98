"""What a source is: something that offers files to `receive`, and gives each away once the ledger has it.

The landing zone and the paths of `minsheng ingest` are two; a mailbox or an SFTP server would be others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath
from typing import Protocol

from etl.reasons import Reason


class Offer(Protocol):
    """One file that a source offers."""

    @property
    def place(self) -> PurePath:
        """Its folders and name as text (`etl.sources.names`); `<department>/<feed>/` tells the feed."""

    @property
    def arrived_at(self) -> datetime | None:
        """When it came to the source, with a zone; None if that is not known."""

    @property
    def path(self) -> Path | None:
        """Where it lies on this machine, so that a list of synthetic files beside it is read; else None."""

    def save(self, to: Path) -> None:
        """Write its bytes to a new file. Raises OSError; FileNotFoundError if it is no longer there."""

    def taken(self) -> None:
        """The ledger has it: take it away, if that is the source's way. Until then it is offered again."""


@dataclass(frozen=True)
class Look:
    """What a source has at one moment."""

    files: Sequence[Offer]
    """Complete files, in the order in which they are to be received."""
    passed_over: Sequence[Reason] = ()
    """What lies there and is no file that could be received, each with the reason."""


class Source(Protocol):
    """Where files arrive."""

    def look(self) -> Look:
        """What is there now. Raises OSError if the source cannot be reached."""
