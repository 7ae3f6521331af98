"""The totals that a sample must come to: the plan's own for the default seed, drawn for any other."""

from __future__ import annotations

from dataclasses import dataclass

from minsheng_sample.chance import Chance

DEFAULT_SEED = 14
"""With this seed the clean and repaired rows give the figures of the plan's first chapter."""


@dataclass(frozen=True)
class Figures:
    """What the district's data add up to at the anchor day (2020-12-31)."""

    compulsory_seats: int = 24000
    health_institutions: int = 823
    elderly_institutions: int = 186
    affordable_units: int = 70000
    uncovered_circle: int = 0
    communities_without_donation_site: int = 47
    renewal_pilots: int = 2
    power_households: int = 33000
    three_no_communities: int = 56
    unmanaged_estates: int = 0
    associations: int = 4
    organisations: int = 611
    federations: int = 2
    professionals: int = 2800
    certified_professionals: int = 1200
    community_workers: int = 3000
    certified_community_workers: int = 1170

    @classmethod
    def of(cls, seed: int) -> Figures:
        """The figures of a seed."""
        if seed == DEFAULT_SEED:
            return cls()
        draw = Chance("figures", seed)
        professionals = draw.integer(2300, 3300)
        workers = draw.integer(2600, 3400)
        return cls(
            compulsory_seats=draw.integer(1200, 2000) * 15,
            health_institutions=draw.integer(760, 900),
            elderly_institutions=draw.integer(150, 220),
            affordable_units=draw.integer(58000, 82000),
            uncovered_circle=draw.integer(3, 24),
            communities_without_donation_site=draw.integer(30, 80),
            renewal_pilots=draw.integer(3, 5),
            power_households=draw.integer(27000, 39000),
            three_no_communities=draw.integer(44, 66),
            unmanaged_estates=draw.integer(2, 14),
            associations=draw.integer(2, 3),
            organisations=draw.integer(560, 660),
            federations=draw.integer(3, 6),
            professionals=professionals,
            certified_professionals=professionals * draw.integer(36, 48) // 100,
            community_workers=workers,
            certified_community_workers=workers * draw.integer(33, 47) // 100,
        )
