"""Which tables have a place: those of a feed of snapshots, without a list of their names anywhere."""

from __future__ import annotations

import sqlalchemy as sa

from etl.evaluate.places import placed
from etl.load.targets import read_targets
from tests.warehouse.star import Star


def test_every_table_with_a_place_is_asked_and_no_other(star: Star) -> None:
    targets = read_targets(star.connection)
    asked = {name for name in targets if placed([name], targets)}
    assert {"dim_institution", "fact_renewal", "fact_property_contract"} <= asked
    # Areas are the register itself; a month's figure says nothing of a day.
    assert not asked & {"dim_area", "fact_facility_month", "fact_population_year", "dim_category"}


def test_a_thing_is_where_its_own_row_says_or_where_the_thing_it_names_is(star: Star) -> None:
    star.delivery()
    town = star.key("area", "110115001000")
    estate = star.estate("E1", town)
    star.put("fact_property_contract", estate_key=estate, firm_id="F", starts_on="2019-01-01")
    query = placed(["fact_property_contract"], read_targets(star.connection))
    rows = star.connection.execute(sa.text(query), {"known_at": star.seq}).all()
    assert [row.area_key for row in rows] == [town]
