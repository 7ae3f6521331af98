"""Names of files as senders write them, and what else bears a name: for a landing zone that has to bear it."""

from __future__ import annotations

import os
import random
import socket
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path

HEADER = "小区,企业,开始,名称\n"
FEED = "housing/model_contract"
_COMMON = "年月区教育学校房屋物业合同医院社区街道镇村名录统计更正撤回合计人口"


def _some(chosen: random.Random, letters: str, count: int = 8) -> str:
    return "".join(chosen.choice(letters) for _ in range(count))


GOOD: dict[str, Callable[[random.Random], bytes]] = {
    "UTF-8": lambda r: _some(r, _COMMON).encode(),
    "GBK": lambda r: _some(r, _COMMON, r.randint(1, 9)).encode("gbk"),
    "GB18030": lambda r: _some(r, "㐀㐁镕䶮𠀀𠮷").encode("gb18030"),
    "Latin-1": lambda r: _some(r, "éèüöñß").encode("latin-1") + b".",
    "any bytes": lambda r: bytes(r.choice([*range(1, 47), *range(48, 256)]) for _ in range(12)),
    "emoji": lambda r: _some(r, "🏫🏥😀👨‍👩‍👧🇨🇳", 3).encode(),
    "controls": lambda r: _some(r, "\n\t\x1b\x07\x7fab", 6).encode(),
    "directions": lambda r: _some(r, "\u202e\u2066\u200fab", 4).encode(),
    "decomposed": lambda r: unicodedata.normalize("NFD", _some(r, "éüがパ")).encode(),
    "shell": lambda r: _some(r, "%$;'\"\\`&|*?<>~#{}", 8).encode(),
    "long": lambda r: b"l" * 220,
}
SUFFIXES = (b".csv", b".CSV", b".csv ", b".csv.", b".csv  ", b"")
BAD = ("FIFO", "socket", "link", "dangling link", "folder", "device")


def fill(zone: Path, count: int, seed: int) -> tuple[dict[str, str | None], set[str]]:
    """Put so many names into a landing zone, every fifth of something that is no file.

    Returns the good files, by a mark in their names, with the whole name where a person would read it
    so; and a mark of each bad name.
    """
    chosen = random.Random(seed)
    folder = zone / FEED
    folder.mkdir(parents=True, exist_ok=True)
    good: dict[str, str | None] = {}
    bad: set[str] = set()
    kinds, odd = cycle(GOOD), cycle(BAD)
    for number in range(count):
        mark = f"_{date(2018, 1, 1) + timedelta(number):%Y%m%d}_"
        if number % 5 == 4:
            if _put_bad(folder / f"bad{mark}.csv", next(odd)):
                bad.add(f"bad{mark}")
            continue
        kind = next(kinds)
        name = f"x{mark}".encode() + GOOD[kind](chosen) + chosen.choice(SUFFIXES)
        aside = folder / "aside.part"
        aside.write_text(f"{HEADER}E1,F1,2020-01-01,{number}\n", encoding="utf-8")
        aside.rename(folder / os.fsdecode(name))
        readable = {"UTF-8": "utf-8", "emoji": "utf-8", "GBK": "gbk", "GB18030": "gb18030"}.get(
            kind
        )
        good[f"x{mark}"] = name.decode(readable) if readable else None
    return good, bad


def _put_bad(path: Path, kind: str) -> bool:
    """Whether it could be made here: only root makes devices."""
    if kind == "FIFO":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to("/etc/hostname")
    elif kind == "dangling link":
        path.symlink_to("nowhere")
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        with suppress(PermissionError):
            os.mknod(path, 0o020644, os.makedev(1, 5))
    else:
        here = Path.cwd()
        os.chdir(path.parent)  # a socket's address may not be long
        try:
            with socket.socket(socket.AF_UNIX) as plug:
                plug.bind(path.name)
        finally:
            os.chdir(here)
    return os.path.lexists(path)
