"""What has been said of things that are passed over: each is told once, for as long as it lies there."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from etl.reasons import Reason

_NAME = "passed_over.json"


def news(home: Path, reasons: Iterable[Reason]) -> list[Reason]:
    """Those that have not been told yet; the installation's home remembers them until they are gone."""
    known = _told(home)
    now = {
        json.dumps(reason.as_dict(), ensure_ascii=False, sort_keys=True): reason
        for reason in reasons
    }
    if now.keys() != known:
        home.mkdir(parents=True, exist_ok=True)
        aside = home / f".{_NAME}.{secrets.token_hex(4)}"
        aside.write_text(json.dumps(sorted(now), ensure_ascii=False, indent=1), encoding="utf-8")
        aside.replace(home / _NAME)
    return [reason for text, reason in now.items() if text not in known]


def _told(home: Path) -> set[str]:
    with suppress(OSError, ValueError):
        return set(json.loads((home / _NAME).read_text(encoding="utf-8")))
    return set()
