"""A warehouse of a test's own, and a clerk who fills workbooks in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from etl.context import Context
from etl.ingest import ingest
from etl.ledger import Delivery
from etl.quarantine import export
from etl.settings import Settings
from tests.etl.load.files import Desk


class Clerk:
    """Opens an exported workbook, fills it in by header and row, saves it under another name."""

    def __init__(self, desk: Desk, **chosen: Any) -> None:
        self.desk = desk
        self.path = desk.folder / "export" / "待修正.xlsx"
        self.exported = export(self.path, ctx=desk.ctx, **chosen)
        self.book = load_workbook(self.path)

    @property
    def sheet(self) -> Any:
        """The first sheet of rows."""
        return next(s for s in self.book.worksheets if s["A1"].value == "#entry")

    def row_of(self, original: int) -> int:
        """Where the row stands that was `original` in the department's file."""
        return next(
            r for r in range(3, self.sheet.max_row + 1) if self.sheet.cell(r, 2).value == original
        )

    def column_of(self, header: str) -> int:
        """The column under a visible header."""
        return next(c.column for c in self.sheet[2] if c.value == header)

    def fill(self, original: int, **values: Any) -> None:
        """Write values under headers; a name of a field means its 修正值 column."""
        for name, value in values.items():
            at = next(c.column for c in self.sheet[1] if c.value == f"fix:{name}")
            self.sheet.cell(self.row_of(original), at).value = value

    def act(self, original: int, action: str) -> None:
        """Choose what to do with a row."""
        self.sheet.cell(self.row_of(original), self.column_of("处理 action")).value = action

    def hand_in(self, name: str = "随便什么名字.xlsx") -> list[Delivery]:
        """Save and drop it."""
        path = self.desk.folder / name
        self.book.save(path)
        return ingest([path], ctx=self.desk.ctx)


@pytest.fixture
def desk(ingest_settings: Settings, tmp_path: Path) -> Desk:
    """A warehouse of this test's own, and a folder for its files."""
    return Desk(Context.of(ingest_settings), tmp_path)
