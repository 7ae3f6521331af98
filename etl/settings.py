"""Where things live: every path and address comes from here, and here alone from the environment."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""Where the package lies: the root of a checkout, or the folder that a wheel was installed into."""

_PACKED = Path(__file__).resolve().parent / "_files"

FILES = _PACKED if _PACKED.is_dir() else ROOT
"""Where contracts, SQL, plan and DAGs lie: in the package if it came as a wheel, else in the checkout."""

DATABASE = "minsheng"
"""Name of the warehouse database on the embedded server."""

DISTRICT = "110115"
"""Code of the district whose departments report (GB/T 2260); ids of places within it begin with it."""

SERVED_AT = "/minsheng"
"""Below Airflow's own address: where its web server serves report and pages (`etl/airflow/site.py`)."""

_PLAIN_SCHEMES = ("postgresql://", "postgres://")
_DRIVER_SCHEME = "postgresql+psycopg2://"


def driver_url(url: str) -> str:
    """Name the psycopg2 driver in a plain `postgresql://` address.

    SQLAlchemy 2.1 takes a bare scheme for psycopg 3, which is not installed.
    """
    for scheme in _PLAIN_SCHEMES:
        if url.startswith(scheme):
            return _DRIVER_SCHEME + url[len(scheme) :]
    return url


@dataclass(frozen=True)
class Settings:
    """The settings of one installation; `Settings.load()` reads them from the environment."""

    home: Path
    database_url: str | None
    feeds: tuple[Path, ...]
    landing: Path
    archive: Path
    sample: Path
    pg_bin: Path | None = None
    district: str = DISTRICT
    pages_url: str | None = None
    """Where the pages of deliveries are served, if elsewhere than beside Airflow; without a slash at the end."""
    public_url: str | None = None
    """Where people reach Airflow, without a slash at the end; None: it is not known to run."""

    @classmethod
    def load(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read MINSHENG_HOME, _DATABASE_URL, _FEEDS, _LANDING, _PG_BIN, _DISTRICT, _PAGES_URL and _PUBLIC_URL; empty counts as unset."""
        source = os.environ if env is None else env

        def path(name: str, default: Path) -> Path:
            value = source.get(name)
            return _absolute(value) if value else default

        home = path("MINSHENG_HOME", _default_home())
        url = source.get("MINSHENG_DATABASE_URL") or None
        extra = source.get("MINSHENG_FEEDS") or ""
        pg_bin = source.get("MINSHENG_PG_BIN") or None
        return cls(
            home=home,
            database_url=driver_url(url) if url else None,
            feeds=(
                FILES / "expectations",
                *(_absolute(part) for part in extra.split(os.pathsep) if part),
            ),
            landing=path("MINSHENG_LANDING", home / "landing"),
            archive=home / "archive",
            sample=home / "sample",
            pg_bin=_absolute(pg_bin) if pg_bin else None,
            district=source.get("MINSHENG_DISTRICT") or DISTRICT,
            pages_url=(source.get("MINSHENG_PAGES_URL") or "").rstrip("/") or None,
            public_url=(source.get("MINSHENG_PUBLIC_URL") or "").rstrip("/") or None,
        )

    @property
    def pages(self) -> Path:
        """Where the pages of deliveries are written."""
        return self.home / "pages"

    @property
    def report(self) -> Path:
        """Where the report is written."""
        return self.home / "report"

    def address(self, site: str) -> str | None:
        """Where `pages` or `report` is served, without a slash at the end; None: nowhere."""
        if site == "pages" and self.pages_url:
            return self.pages_url
        return f"{self.public_url}{SERVED_AT}/{site}" if self.public_url else None

    def token_key(self) -> bytes:
        """The installation's secret key for replacing personal values by tokens; made at first use."""
        self.home.mkdir(parents=True, exist_ok=True)
        return read_or_create_secret(self.home / "token.key", lambda: secrets.token_bytes(32))


def read_or_create_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the bytes of `path`; whoever comes first creates it, complete and with mode 0600.

    The content is written aside and linked into place: a second process that
    starts at the same moment sees either no file or the whole one.
    """
    with suppress(FileNotFoundError):
        return path.read_bytes()
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(aside)
    finally:
        aside.unlink()
    return path.read_bytes()


def _default_home() -> Path:
    """`.minsheng` in the checkout; for an installed package the user's folder for data, the same from everywhere."""
    if FILES == ROOT:
        return ROOT / ".minsheng"
    from platformdirs import user_data_path

    return user_data_path("minsheng", appauthor=False)


def _absolute(value: str) -> Path:
    return Path(value).expanduser().absolute()
