"""Report and pages beside Airflow: by Airflow's own application, its login and its plugin manager."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from etl.airflow.config import USER, AirflowHome
from etl.settings import SERVED_AT, Settings

REPORT, PAGES = f"{SERVED_AT}/report", f"{SERVED_AT}/pages"
FILES = {
    "report/index.html": ("<p>报告</p>", "text/html; charset=utf-8"),
    "report/report.css": ("p {}", "text/css; charset=utf-8"),
    "report/data/values.csv": ("\ufeffcode\n", "text/csv; charset=utf-8"),
    "report/data/datapackage.json": ("{}", "application/json"),
    "report/附表.xlsx": ("PK", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "report/评估报告.docx": (
        "PK", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pages/deliveries/0/7.html": ("<p>#7</p>", "text/html; charset=utf-8"),
}  # fmt: skip
HIDDEN = ("report/.built.json", "report/.kept.json", "report/notes.txt", "report/run.js")


@pytest.fixture(scope="module")
def web(airflow: Path) -> Any:
    """Airflow's web application, plugins and all."""
    from airflow.api_fastapi.app import create_app

    return create_app(apps="core")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("MINSHENG_HOME", str(tmp_path))
    return Settings.load()


@pytest.fixture
def stranger(web: Any, settings: Settings) -> Any:
    """A browser that is not logged in."""
    from fastapi.testclient import TestClient

    return TestClient(web, headers={"Accept": "text/html"}, follow_redirects=False)


@pytest.fixture
def browser(stranger: Any, airflow: Path) -> Any:
    """A browser with the cookie of a login."""
    password, _ = AirflowHome(airflow).password()
    answer = stranger.post("/auth/token", json={"username": USER, "password": password})
    stranger.cookies.set("_token", answer.json()["access_token"])
    return stranger


@pytest.fixture
def written(settings: Settings) -> Settings:
    """Sites of a file of each kind, with a secret beside them and a link to it."""
    for name, (text, _) in FILES.items():
        path = settings.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name in HIDDEN:
        (settings.home / name).write_text("secret")
    (settings.home / "token.key").write_text("secret")
    (settings.home / "secret.csv").write_text("secret")
    (settings.report / "link.csv").symlink_to(settings.home / "secret.csv")
    return settings


def test_every_kind_of_file_comes_with_its_type_and_runs_nothing(
    browser: Any, written: Settings
) -> None:
    for name, (text, kind) in FILES.items():
        answer = browser.get(f"{SERVED_AT}/{quote(name)}")
        assert (answer.status_code, answer.content.decode()) == (200, text), name
        assert answer.headers["content-type"] == kind
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert browser.head(f"{SERVED_AT}/{quote(name)}").status_code == 200
    assert browser.get(f"{REPORT}/").text == FILES["report/index.html"][0]
    again = browser.get(f"{REPORT}/", headers={"If-None-Match": browser.get(f"{REPORT}/").headers["etag"]})  # fmt: skip
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        *(f"{SERVED_AT}/{name}" for name in HIDDEN),
        f"{REPORT}/../token.key",
        f"{REPORT}/%2e%2e/secret.csv",
        f"{REPORT}/..%2fsecret.csv",
        f"{REPORT}/..%5csecret.csv",
        f"{REPORT}/data/%2e%2e/%2e%2e/secret.csv",
        f"{REPORT}/%2fetc/passwd",
        f"{REPORT}//etc/hosts.csv",
        f"{REPORT}/link.csv",
        f"{REPORT}/data/",
        f"{REPORT}/a%00.csv",
        f"{PAGES}/deliveries/0/",
        f"{SERVED_AT}/secret.csv",
        f"{SERVED_AT}/airflow/passwords.json",
    ],
)
def test_nothing_else_is_to_be_had(browser: Any, written: Settings, path: str) -> None:
    answer = browser.get(path, follow_redirects=True)
    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_who_is_not_logged_in_is_sent_to_the_login_and_back(
    stranger: Any, written: Settings
) -> None:
    for path in (f"{REPORT}/index.html", f"{PAGES}/deliveries/0/7.html", f"{PAGES}/none.html"):
        answer = stranger.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/api/v2/auth/login?next={quote(path, safe='')}"
        assert stranger.get(answer.headers["location"]).status_code == 307, "Airflow takes it"
    stranger.cookies.set("_token", "made up")
    answer = stranger.get(f"{REPORT}/index.html")
    assert (answer.status_code, "Log in again" in answer.text) == (403, True)
    assert FILES["report/index.html"][0] not in answer.text


def test_nobody_writes(browser: Any, written: Settings) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert browser.request(method, f"{REPORT}/index.html").status_code == 405


def test_before_anything_was_written_people_are_told_so(browser: Any, settings: Settings) -> None:
    for site in (REPORT, PAGES):
        answer = browser.get(f"{site}/")
        assert answer.status_code == 404
        for words in ("还没有这一页", "Not there yet", "minsheng report", "evaluation"):
            assert words in answer.text
    assert not settings.report.exists()


def test_the_navigation_has_both(browser: Any, written: Settings) -> None:
    plugins = browser.get("/api/v2/plugins").json()["plugins"]
    (ours,) = [plugin for plugin in plugins if plugin["name"] == "minsheng_web"]
    links = {view["name"]: view["href"] for view in ours["external_views"]}
    assert list(links) == ["报告 Report", "批次 Pages"]
    answer = browser.get("/" + links["报告 Report"])
    assert answer.text == FILES["report/index.html"][0]
