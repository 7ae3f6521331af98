"""The numbers of the advisory locks stand in one place, and SQL agrees with it."""

from __future__ import annotations

import re

from etl.database.locks import Lock
from etl.settings import ROOT

LOCKED = re.compile(r"pg_(?:try_)?advisory_\w+\(\s*([^,)]+)|classid\s*=\s*(\S+)")


def numbers(folder: str, suffix: str) -> set[str]:
    called_with: set[str] = set()
    for path in (ROOT / folder).rglob(f"*{suffix}"):
        for called, looked_up in LOCKED.findall(path.read_text(encoding="utf-8")):
            called_with.add((called or looked_up).strip())
    return called_with


def test_sql_uses_the_numbers_that_are_listed() -> None:
    used = numbers("warehouse/sql", ".sql")
    assert used == {str(n.value) for n in (Lock.NUMBER, Lock.COMMIT, Lock.KNOWN_TIME)}


def test_python_names_them() -> None:
    used = numbers("etl", ".py")
    assert used, "the pattern finds nothing"
    assert not [name for name in used if name.strip(":").isdigit()]


def test_no_number_means_two_things() -> None:
    assert len({lock.value for lock in Lock}) == len(Lock.__members__)
