"""What a user would pick instead, each as a short script in the style of its own documentation.

They run in an environment of their own (`peers.lock`), made here at first use.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import measure, verify
from benchmarks.measure import Run
from benchmarks.place import CACHE, Place
from etl.contract import Field
from etl.settings import ROOT

FOLDER = Path(__file__).parent
LOCK = ROOT / "benchmarks" / "peers.lock"
TABLES = {"dlt_arrow": "peer.orders", "dlt_rows": "peer.orders", "tutorial": "public.orders"}


def load(
    place: Place, name: str, rows: Path, fields: Sequence[Field]
) -> tuple[Run, verify.Fingerprint]:
    """Let one peer load the finished rows into a database of its own."""
    python = environment()
    with place.fresh("template1") as database:
        plain = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("MINSHENG_", "PYTHON", "VIRTUAL_ENV"))
        }
        given = {
            "BENCH_URL": place.plain_url(database),
            "BENCH_FILE": str(rows),
            "BENCH_SCRATCH": str(place.home / f"peer-{database}"),
            "BENCH_TIMES": ",".join(field.name for field in fields if field.type == "timestamp"),
            "BENCH_FLAGS": ",".join(field.name for field in fields if field.type == "boolean"),
            "BENCH_COUNTS": ",".join(field.name for field in fields if field.type == "integer"),
            "GX_ANALYTICS_ENABLED": "false",
            "RUNTIME__DLTHUB_TELEMETRY": "false",
        }
        run = measure.run(place, [python, FOLDER / f"{name}.py"], plain | given)
        shutil.rmtree(given["BENCH_SCRATCH"], ignore_errors=True)
        return run, verify.flat(place, database, TABLES[name], fields)


def environment() -> Path:
    """The peers' Python; made from the lock unless it is there already."""
    label = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = CACHE / f"peers-{label}"
    python = folder / "bin" / "python"
    if (folder / "done").exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    uv = shutil.which("uv") or str(Path(sys.executable).parent / "uv")
    given = dict(os.environ)
    if Path("/etc/ssl/certs/ca-certificates.crt").exists():
        given.setdefault("UV_SYSTEM_CERTS", "1")
    if not any(name in given for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL")):
        index = given.get("PIP_INDEX_URL") or _pip_index()
        if index:
            given["UV_DEFAULT_INDEX"] = index
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    with_pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
    ]
    if (
        Path(uv).exists()
        and subprocess.run([uv, "--version"], capture_output=True, check=False).returncode == 0
    ):
        with_pip = [Path(uv), "pip", "install", "-q", "--python", python]
    subprocess.run([*with_pip, "--require-hashes", "-r", LOCK], check=True, env=given)
    (folder / "done").touch()
    return python


def versions() -> dict[str, str]:
    """Versions of what the peers' ways are made of."""
    code = "import importlib.metadata as m; print('\\n'.join(f'{n} {m.version(n)}' for n in ('dlt', 'pandas', 'great-expectations', 'sqlalchemy')))"
    shown = subprocess.run(
        [environment(), "-c", code], capture_output=True, text=True, check=True
    ).stdout
    return {
        f"peer {name}": version for name, version in (line.split() for line in shown.splitlines())
    }


def _pip_index() -> str:
    asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
