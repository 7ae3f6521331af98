"""The changes themselves: each is Python that says something else, chosen again by the same seed; what is known is still there."""

from __future__ import annotations

import ast

from etl.settings import ROOT
from tests.mutants.__main__ import KNOWN, chosen, mirror
from tests.mutants.changes import changes

SOURCE = '''\
"""A text that is no statement."""
LIMIT = 3
def f(x: int = 1) -> bool:
    log.info("not seen")
    if x > LIMIT and not g(x):
        raise ValueError("SELECT a WHERE b = 1")
    return x is None
'''


def test_one_place_at_a_time_and_always_python() -> None:
    source = SOURCE.encode()
    made = changes("m.py", source)
    shown = {(each.was, each.now) for each in made}
    assert shown >= {
        ("3", "4"),
        ("x > LIMIT", "(x >= LIMIT)"),
        ("x > LIMIT and not g(x)", "(x > LIMIT or not g(x))"),
        ("x > LIMIT and not g(x)", "False"),
        ("not g(x)", "(g(x))"),
        ("return x is None", "return None"),
        ("x is None", "(x is not None)"),
        ('raise ValueError("SELECT a WHERE b = 1")', "pass"),
        ('"SELECT a WHERE b = 1"', '"SELECT a WHERE b <> 1"'),
    }
    assert not any("log" in each.was or "no statement" in each.was for each in made)
    for each in made:
        changed = each.applied(source)
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(source)), each


def test_a_seed_chooses_the_same_again() -> None:
    modules = KNOWN["modules"][:4]
    assert chosen(modules, 12, 5) == chosen(modules, 12, 5) != chosen(modules, 12, 6)
    assert len({change.path for change in chosen(modules, 12, 5)}) == 4


def test_what_is_known_is_still_there() -> None:
    for module in KNOWN["modules"]:
        assert (ROOT / module).is_file(), module
        for test in mirror(module):
            assert (ROOT / test).is_file(), test
    for each in KNOWN["equivalent"]:
        assert each["why"]
        source = (ROOT / each["path"]).read_bytes()
        there = {(c.text(source), c.was, c.now) for c in changes(each["path"], source)}
        assert (each["line"], each["was"], each["now"]) in there, each
