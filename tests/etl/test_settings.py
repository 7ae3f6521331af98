"""Settings come from the environment alone; secrets are made once, whole and private."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from etl.errors import MinshengError, UsageError
from etl.settings import ROOT, Settings, driver_url


def test_defaults_lie_under_the_repository() -> None:
    settings = Settings.load({})
    assert settings.home == ROOT / ".minsheng"
    assert settings.landing == settings.home / "landing"
    assert settings.archive == settings.home / "archive"
    assert settings.feeds == (ROOT / "expectations",)
    assert settings.database_url is None


def test_without_a_checkout_the_home_is_the_user_s(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("etl.settings.FILES", tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    settings = Settings.load({})
    assert settings.home == tmp_path / "data" / "minsheng"
    assert settings.feeds == (tmp_path / "expectations",)


def test_every_variable_is_honoured() -> None:
    settings = Settings.load(
        {
            "MINSHENG_HOME": "/a/home",
            "MINSHENG_LANDING": "/b/landing",
            "MINSHENG_FEEDS": os.pathsep.join(["/c/one", "", "relative"]),
            "MINSHENG_DATABASE_URL": "postgresql://u:p@h/d",
            "MINSHENG_PG_BIN": "/d/bin",
        }
    )
    assert settings.home == Path("/a/home")
    assert settings.landing == Path("/b/landing")
    assert settings.sample == Path("/a/home/sample")
    assert settings.feeds == (ROOT / "expectations", Path("/c/one"), Path.cwd() / "relative")
    assert settings.database_url == "postgresql+psycopg2://u:p@h/d"
    assert settings.pg_bin == Path("/d/bin")


def test_an_empty_variable_counts_as_unset() -> None:
    names = ("HOME", "LANDING", "FEEDS", "DATABASE_URL", "PG_BIN")
    assert Settings.load({f"MINSHENG_{name}": "" for name in names}) == Settings.load({})


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("postgresql://h/d", "postgresql+psycopg2://h/d"),
        ("postgres://h/d", "postgresql+psycopg2://h/d"),
        ("postgresql+psycopg2://h/d", "postgresql+psycopg2://h/d"),
        ("postgresql+psycopg://h/d", "postgresql+psycopg://h/d"),
    ],
)
def test_the_driver_is_named(given: str, wanted: str) -> None:
    assert driver_url(given) == wanted


def test_the_token_key_is_made_once(tmp_path: Path) -> None:
    settings = Settings.load({"MINSHENG_HOME": str(tmp_path / "home")})
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: settings.token_key(), range(32)))
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    files = list((tmp_path / "home").iterdir())
    assert [file.name for file in files] == ["token.key"]
    assert files[0].stat().st_mode & 0o777 == 0o600


def test_exit_codes() -> None:
    assert (MinshengError.exit_code, UsageError.exit_code) == (1, 2)
