"""An author of feeds: small contracts of orders, files for them, and what the warehouse then has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from etl import ingest
from etl.context import Context
from etl.ledger import Delivery

YEAR = {"from": "fileName", "grain": "year"}
IN_2021 = {"from": "fixed", "grain": "year", "value": "2021"}
ORDERS = "-- target: fact_work_order\nSELECT row_no, order_id, opened_at FROM staging\n"
KEYED = ("order_id:单号:string:k", "opened_at:时间:timestamp:r")
"""Fields as `name:header:type:flags`: k a part of the key, r required, o an optional part of the key."""


@dataclass
class Author:
    """Writes feeds and files below `folder`, and lets them be ingested."""

    ctx: Context
    folder: Path
    written: list[Path] = field(default_factory=list)

    def feed(
        self,
        name: str,
        fields: Sequence[str] = KEYED,
        *,
        sql: str = ORDERS,
        mode: str = "delta",
        period: Sequence[dict[str, str]] = (IN_2021,),
        custom: dict[str, Any] | None = None,
        fields_custom: dict[str, dict[str, Any]] | None = None,
        **file: Any,
    ) -> Path:
        """Write the two files of `hotline.<name>`; returns the contract's path."""
        properties = [_property(text, (fields_custom or {})) for text in fields]
        values = {"mode": mode, "period": list(period), "file": {"names": [f"{name}*"], **file}}
        document = {
            "apiVersion": "v3.2.0",
            "kind": "DataContract",
            "id": f"hotline.{name}",
            "name": "例",
            "version": "1.0.0",
            "status": "draft",
            "domain": "hotline",
            "description": {"purpose": "例"},
            "team": {"name": "例"},
            "slaProperties": [{"property": "frequency", "value": "irregular"}],
            "customProperties": [
                {"property": key, "value": value}
                for key, value in (values | (custom or {})).items()
            ],
            "schema": [{"name": name, "businessName": "例", "properties": properties}],
        }
        path = self.folder / "feeds" / "hotline" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")
        path.with_suffix(".load.sql").write_text(sql, "utf-8")
        return path

    def file(self, name: str, *lines: str) -> Path:
        """Write a text file of these lines."""
        path = self.folder / name
        path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        return path

    def ingest(self, *paths: Path) -> list[Delivery]:
        """Receive, stage, validate and load."""
        return ingest.ingest(paths, ctx=self.ctx)

    def one(self, name: str, *lines: str) -> Delivery:
        """Write one file and ingest it."""
        [delivery] = self.ingest(self.file(name, *lines))
        return delivery

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the warehouse has."""
        with self.ctx.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query))]

    def orders(self) -> list[tuple[str, str]]:
        """Orders of the star with the time they were opened, as text in Beijing."""
        return [
            (order, opened)
            for order, opened in self.rows(
                "SELECT order_id, to_char(opened_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI')"
                ' FROM star.fact_work_order ORDER BY order_id COLLATE "C", 2'
            )
        ]


def codes(delivery: Delivery) -> list[str]:
    """The codes of a delivery's reasons."""
    return [reason["rule"] for reason in delivery.reasons]


def workbook(path: Path, **sheets: Iterable[Sequence[Any]]) -> Path:
    """A workbook with these sheets."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def _property(text: str, more: dict[str, dict[str, Any]]) -> dict[str, Any]:
    name, header, kind, *flags = text.split(":")
    result: dict[str, Any] = {
        "name": name,
        "businessName": header,
        "logicalType": kind,
        "classification": "public",
    }
    flag = flags[0] if flags else ""
    if set(flag) & {"k", "o"}:
        result |= {"primaryKey": True, "primaryKeyPosition": int(flag.strip("kor") or 1)}
        result |= {"required": False} if "o" in flag else {}
    elif "r" in flag:
        result["required"] = True
    if name in more:
        result["customProperties"] = [{"property": k, "value": v} for k, v in more[name].items()]
    return result
