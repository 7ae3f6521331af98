"""A second feed of a dimension loads as quickly as the first."""

from __future__ import annotations

from pathlib import Path

from etl.profile import profiled
from tests.examples.conftest import Warehouse

ROWS = 15_000


def test_a_second_feed_takes_no_longer_than_the_first(
    fresh_warehouse: Warehouse, tmp_path: Path
) -> None:
    """A condition that could not be hashed held each row against each: 125 s of 139 for 30,000 rows."""
    first, second = (
        tmp_path / "uk_edubase_urn_types_a.tsv",
        tmp_path / "uk_la_maintained_schools_b.tsv",
    )
    first.write_text(
        "urn\testablishment-type\testablishment-group-type\n"
        + "".join(f"{n}\tCommunity School\tAcademies\n" for n in range(100000, 100000 + ROWS))
    )
    second.write_text(
        "la-maintained-school-eng\tschool-type\tfoundation-trust\tschool-federation\n"
        + "".join(f"{n}\t1\t\t\n" for n in range(200000, 200000 + ROWS))
    )
    seconds = []
    for path in (first, second):
        with profiled(fresh_warehouse.ctx.engine) as profile:
            assert fresh_warehouse.load(path).loaded == ROWS
        seconds.append(
            sum(s for text, s in profile.seconds.items() if "TEMP TABLE timeline" in text)
        )
        with (
            fresh_warehouse.ctx.engine.begin() as connection
        ):  # what autovacuum does within a minute
            connection.exec_driver_sql("ANALYZE ledger.claim, claim.dim_school, star.dim_school")
    assert 0 < seconds[1] < 10 * seconds[0]
