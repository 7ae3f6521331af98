"""LibreOffice without a screen: what another program reads in the files that we write."""

from __future__ import annotations

import csv
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

needs_office = pytest.mark.skipif(
    not shutil.which("soffice"), reason="LibreOffice is not installed"
)
_EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
"""Commas, UTF-8, the cells' contents rather than how they are shown, a file for each sheet."""


def convert(source: Path, kind: str, folder: Path) -> None:
    """Open a file and save it as another kind, by a profile of its own."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", folder, source]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def sheets(workbook: Path, folder: Path) -> dict[str, list[list[str]]]:
    """The sheets of a workbook by name, each as lines of cells."""
    convert(workbook, _EVERY_SHEET, folder)
    found = {}
    for path in folder.glob(f"{workbook.stem}-*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem.removeprefix(f"{workbook.stem}-")] = list(csv.reader(file))
    return found


def tables(document: Path, folder: Path) -> list[list[list[str]]]:
    """The tables of a document, each as lines of cells."""
    convert(document, "html", folder)
    if not (folder / f"{document.stem}.html").is_file():
        pytest.skip("this LibreOffice has no Writer")
    return _Tables((folder / f"{document.stem}.html").read_text("utf-8")).found


class _Tables(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[list[list[str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "table":
            self.found.append([])
        elif tag == "tr":
            self.found[-1].append([])
        elif tag in ("td", "th"):
            self.found[-1][-1].append("")

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1] and self.found[-1][-1]:
            self.found[-1][-1][-1] = " ".join((self.found[-1][-1][-1] + data).split())
