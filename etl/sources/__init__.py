"""Sources: where files arrive, and how they are taken away once the ledger has them."""

from contextlib import suppress

from etl.reasons import Reason
from etl.settings import Settings
from etl.sources.landing import LandingZone
from etl.sources.local import LocalFile, LocalPaths
from etl.sources.source import Look, Offer, Source

__all__ = [
    "LandingZone",
    "LocalFile",
    "LocalPaths",
    "Look",
    "Offer",
    "Source",
    "passed_over",
    "sources",
]


def sources(settings: Settings) -> list[Source]:
    """The sources that `intake` receives from; a new one is added here."""
    return [LandingZone(settings.landing)]


def passed_over(settings: Settings) -> list[Reason]:
    """What lies in the sources and is no file that could be received; empty where a source cannot be reached."""
    told: list[Reason] = []
    for source in sources(settings):
        with suppress(OSError):
            told += source.look().passed_over
    return told
