"""The system's Chromium, headless: pages as people see them, and what it and axe-core find wrong with them."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PHONE = 390


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser of its own; the test is skipped, with a warning, where none is installed."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        warnings.warn("no Chromium: nothing was seen as people see it", stacklevel=3)
        pytest.skip("no Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def faults(browser: Browser, address: str) -> list[str]:
    """What is wrong with a page of files: told on the console, asked of elsewhere, against WCAG by axe-core, too wide.

    A phone is 390 points wide: what is wider scrolls by itself, never the page.
    """
    from axe_playwright_python.sync_playwright import Axe

    told: list[str] = []
    asked: list[str] = []

    def request(url: str) -> None:
        if not url.startswith(("file:", "data:")):
            asked.append(f"asked of elsewhere: {url}")

    page = browser.new_page()
    page.on("console", lambda message: told.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: told.append(f"error: {error}"))
    page.on("requestfailed", lambda failed: told.append(f"not there: {failed.url}"))
    page.on("request", lambda made: request(made.url))
    page.goto(address)
    # Style sheets asked for once more, by script, would be refused to a page without a server.
    options = {"resultTypes": ["violations"], "preload": False}
    found = [
        f"axe {rule['id']} ({rule['impact']}): {node['target']} {node['html'][:200]} {node['failureSummary'][:300]}"
        for rule in Axe().run(page, options=options).response["violations"]
        for node in rule["nodes"]
    ]
    page.set_viewport_size({"width": PHONE, "height": 800})
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > PHONE:
        found.append(f"{wide} wide on a phone")
    page.close()
    return [*told, *asked, *found]
