"""What the contract language can say, tried from the file to the star: a small feed of works on estates, made for each test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from etl import ledger
from etl.cli.main import run
from etl.context import Context
from etl.contract import ContractProblem, read_contract
from etl.ingest import ingest
from etl.ledger import Delivery
from etl.settings import Settings

LOAD = """\
-- target: fact_renewal
SELECT row_no, project_id, estate_id, {name} AS project_name, town AS area_id, '改造' AS renewal_type, households,
       {designated_on} AS designated_on, NULL::date AS completed_on
FROM staging
"""
STAR = (
    "SELECT project_id, estate_id, project_name, area_id, households, designated_on::text FROM star.fact_renewal"
    " JOIN registry.estate USING (estate_key) LEFT JOIN registry.area USING (area_key) ORDER BY 1, 2, 3"
)
PROJECT, ESTATE, TOWN, HOUSEHOLDS = "项目编号", "小区编码", "镇街", "户数"


def field(name: str, header: str, kind: str = "string", **said: Any) -> dict[str, Any]:
    """A field; `custom` holds its custom properties."""
    custom = said.pop("custom", {})
    key = {"primaryKey": True, "primaryKeyPosition": said.pop("key")} if "key" in said else {}
    properties = [{"property": k, "value": v} for k, v in custom.items()]
    return {
        "name": name,
        "businessName": header,
        "logicalType": kind,
        "classification": "public",
        **key,
        **said,
        **({"customProperties": properties} if properties else {}),
    }


def usual() -> dict[str, dict[str, Any]]:
    """The fields of the feed, each given by a column."""
    return {
        "project_id": field("project_id", PROJECT, key=1),
        "estate_id": field("estate_id", ESTATE, key=2),
        "town": field("town", TOWN, required=True),
        "households": field("households", HOUSEHOLDS, "integer"),
    }


def contract_text(
    fields: Mapping[str, Mapping[str, Any]],
    *,
    name: str = "works",
    mode: str = "delta",
    file: Mapping[str, Any] | None = None,
    period: Sequence[Mapping[str, Any]] = ({"from": "fileName", "grain": "month"},),
    custom: Mapping[str, Any] | None = None,
) -> str:
    """A contract as YAML (JSON is YAML)."""
    file = {"names": ["施工*"], **(file or {})}
    properties = {"mode": mode, "period": list(period), "file": file, **(custom or {})}
    document = {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": f"housing.{name}",
        "name": "施工",
        "version": "1.0.0",
        "status": "active",
        "domain": "housing",
        "team": {"name": "测试组"},
        "slaProperties": [{"property": "frequency", "value": "monthly"}],
        "customProperties": [{"property": k, "value": v} for k, v in properties.items()],
        "schema": [{"name": name, "properties": list(fields.values())}],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def book(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    """A workbook with these rows in its sheets."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    workbook.save(path)
    return path


@dataclass
class Feed:
    """The feeds of a test and the warehouse that they fill."""

    folder: Path
    ctx: Context

    def write(self, fields: Mapping[str, Mapping[str, Any]], **said: Any) -> Feed:
        """Write a contract and its load query, and have `feeds check --database` say that they are right."""
        name = said.get("name", "works")
        has = {"name": "name", "designated_on": "designated_on"}
        given = {k: v if k in fields else "NULL" for k, v in has.items()}
        if given["designated_on"] == "NULL":
            given["designated_on"] = "NULL::date"
        place = self.folder / "feeds" / "housing"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{name}.yaml").write_text(contract_text(fields, **said), encoding="utf-8")
        (place / f"{name}.load.sql").write_text(LOAD.format(**given), encoding="utf-8")
        assert run(["feeds", "check", "--database", str(place.parent)]) == 0
        return self

    def send(self, *paths: Path) -> list[Delivery]:
        """Ingest; what became of each delivery."""
        return [self.now(each) for each in ingest(paths, ctx=self.ctx)]

    def now(self, delivery: Delivery) -> Delivery:
        """The delivery as the ledger has it."""
        with self.ctx.engine.connect() as connection:
            return ledger.get(connection, delivery.delivery_id)

    def star(self) -> list[tuple[Any, ...]]:
        """(project, estate, name, area, households, designated on) of all works."""
        return self.query(STAR)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with self.ctx.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(sql))]


@pytest.fixture
def feed(
    tmp_path: Path, ingest_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Feed]:
    del ingest_settings
    folder = tmp_path / "feeds"
    folder.mkdir()
    monkeypatch.setenv("MINSHENG_FEEDS", str(folder))
    ctx = Context.of(Settings.load())
    yield Feed(tmp_path, ctx)
    ctx.engine.dispose()


Refused = Callable[..., list[str]]


@pytest.fixture
def refused(tmp_path: Path) -> Refused:
    """What is wrong with a contract: place and expectation of each problem."""

    def refuse(fields: Mapping[str, Mapping[str, Any]], **said: Any) -> list[str]:
        place = tmp_path / "spoiled" / "housing"
        place.mkdir(parents=True, exist_ok=True)
        path = place / "works.yaml"
        path.write_text(contract_text(fields, **said), encoding="utf-8")
        given = {"name": "NULL", "designated_on": "NULL::date"}
        path.with_suffix(".load.sql").write_text(LOAD.format(**given), encoding="utf-8")
        with pytest.raises(ContractProblem) as told:
            read_contract(path)
        return [f"{p.path}: {p.expected}" for p in told.value.problems]

    return refuse


def counts(delivery: Delivery) -> dict[str, int]:
    """What became of its rows, where any did."""
    told = {name: getattr(delivery, name) or 0 for name in ledger.COUNTS}
    assert sum(told.values()) == delivery.rows, told
    return {name: number for name, number in told.items() if number}


def codes(delivery: Delivery) -> list[str]:
    """The codes of its reasons."""
    return [str(reason.get("rule")) for reason in delivery.reasons]
