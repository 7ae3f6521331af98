"""Three extracts, every cell of every row that reaches the star held against the csv module's own reading of the file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.examples.conftest import Warehouse, ids_without_authority, receipt

Row = tuple[str, str, str | None, str | None, str | None, str]

# What the codes of school-type mean, as the register of types names them: each has as many schools there as here.
TYPES = {
    "1": "Community School", "2": "Voluntary Aided School", "3": "Voluntary Controlled School",
    "5": "Foundation School", "7": "Community Special School", "12": "Foundation Special School",
    "14": "Pupil Referral Unit", "15": "LA Nursery School",
}  # fmt: skip


def read(path: Path) -> list[dict[str, str]]:
    """The file as the csv module reads it."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def star(warehouse: Warehouse, delivery_id: int) -> list[Row]:
    """School number, name, category, running type, status and registered area of a delivery's rows."""
    rows = warehouse.rows(
        "SELECT school_id, school_name, school_category, running_type, status, area_id FROM star.dim_school"
        " JOIN registry.area USING (area_key) WHERE delivery_id = :d AND valid_to = 'infinity'",
        d=delivery_id,
    )
    return sorted(rows, key=repr)


def expected(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=repr)


@pytest.fixture(scope="module")
def education(shared: Path) -> Path:
    return shared / "data" / "education"


def test_types_of_establishments(warehouse: Warehouse, education: Path) -> None:
    path = education / "uk_edubase_urn_types.tsv"
    delivery = warehouse.load(path)
    rows = read(path)
    assert receipt(delivery) == {"rows": 44798, "loaded": 44798}
    assert star(warehouse, delivery.delivery_id) == expected([
        (r["urn"], r["urn"], r["establishment-group-type"], r["establishment-type"], None, "uk:england-wales")
        for r in rows
    ])  # fmt: skip


def test_schools_maintained_by_authorities(warehouse: Warehouse, education: Path) -> None:
    path = education / "uk_la_maintained_schools.tsv"
    delivery = warehouse.load(path)
    rows = read(path)
    assert receipt(delivery) == {"rows": 30079, "loaded": 30079}
    assert star(warehouse, delivery.delivery_id) == expected([
        (
            number := r["la-maintained-school-eng"], number, TYPES[r["school-type"]],
            r["foundation-trust"] or r["school-federation"] or None, None, "uk:england",
        )
        for r in rows
    ])  # fmt: skip


def test_an_older_edition_of_a_register(warehouse: Warehouse, education: Path) -> None:
    path = education / "uk_school_eng_schoolsOld.tsv"
    delivery = warehouse.load(path)
    rows = read(path)
    assert receipt(delivery) == {"rows": 881, "loaded": 881}
    assert star(warehouse, delivery.delivery_id) == expected([
        (
            r["school-eng"], r["name"], r["school-phases"] or None, r["organisation"].partition(":")[0],
            "停办" if r["end-date"] else "正常", "uk-la:919",
        )
        for r in rows
    ])  # fmt: skip
    assert ids_without_authority(warehouse) == []
