"""Sources: where files arrive, and how they are taken away once the ledger has them."""

from etl.settings import Settings
from etl.sources.landing import LandingZone
from etl.sources.local import LocalFile, LocalPaths
from etl.sources.source import Look, Offer, Source

__all__ = ["LandingZone", "LocalFile", "LocalPaths", "Look", "Offer", "Source", "sources"]


def sources(settings: Settings) -> list[Source]:
    """The sources that `intake` receives from; a new one is added here."""
    return [LandingZone(settings.landing)]
