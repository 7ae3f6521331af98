"""`make mutants`: change a copy of the tree in one place, run the tests that mirror the module, and the next.

MUTANTS_SEED chooses the places, MUTANTS_COUNT how many, MUTANTS_ONLY modules by a part of their path. Ends with 1 if
a change is noticed by no test, unless `known.yaml` says why it changes nothing. The checkout is never changed.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from etl import server
from etl.settings import ROOT, Settings
from tests.conftest import SHARED_SERVER, TUNING
from tests.mutants.changes import Change, changes

KNOWN: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "known.yaml").read_text("utf-8"))
SECONDS = 240
"""A change after which the tests run for ever has been noticed."""


def mirror(module: str) -> list[str]:
    """The tests of a module: `tests/etl/stage/test_copying.py` for `etl/stage/copying.py`, or what `known.yaml` names."""
    if module in KNOWN["tests"]:
        return list(KNOWN["tests"][module])
    path = Path(module)
    stem = path.parent.name if path.stem == "__init__" else path.stem
    return [str(Path("tests", path.parent, f"test_{stem}.py"))]


def chosen(modules: Sequence[str], count: int, seed: int) -> list[Change]:
    """So many changes, as evenly spread over the modules as these have places."""
    equivalent = {
        tuple(each[k] for k in ("path", "line", "was", "now")) for each in KNOWN["equivalent"]
    }
    draw = random.Random(seed)
    heaps = []
    for module in modules:
        source = (ROOT / module).read_bytes()
        heap = [
            each
            for each in changes(module, source)
            if (module, each.text(source), _flat(each.was), _flat(each.now)) not in equivalent
        ]
        draw.shuffle(heap)
        heaps.append(heap)
    picked: list[Change] = []
    while len(picked) < count and any(heaps):
        for heap in heaps:
            if heap and len(picked) < count:
                picked.append(heap.pop())
    return sorted(picked, key=lambda change: (change.path, change.start))


def _flat(text: str) -> str:
    return " ".join(text.split())


class Copy:
    """A copy of the tree, in which one module is changed at a time."""

    def __init__(self, folder: Path, address: str) -> None:
        self.tree, self.address = folder / "tree", address
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        for name in subprocess.check_output(listed, cwd=ROOT, text=True).split("\0"):
            if name and (ROOT / name).is_file():
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.tree / name)

    def is_noticed(self, change: Change) -> bool:
        """Whether a test fails after the change."""
        file = self.tree / change.path
        source = file.read_bytes()
        file.write_bytes(change.applied(source))
        try:
            return not self.passes(mirror(change.path))
        finally:
            file.write_bytes(source)

    def passes(self, tests: Sequence[str], *, loud: bool = False) -> bool:
        """Whether these tests pass."""
        command = [
            sys.executable,
            "-B",
            "-m",
            "pytest",
            "-x",
            "-q",
            "-p",
            "no:cacheprovider",
            *tests,
        ]
        environment = os.environ | {SHARED_SERVER: self.address, "PYTHONPATH": str(self.tree)}
        try:
            done = subprocess.run(
                command,
                cwd=self.tree,
                env=environment,
                timeout=SECONDS,
                capture_output=True,
                text=True,
            )
        except subprocess.TimeoutExpired:
            return False
        if done.returncode and loud:
            print(done.stdout[-4000:])
        return done.returncode == 0


def main() -> int:
    """Run; returns the number of changes that no test noticed, at most 1."""
    count = int(os.environ.get("MUTANTS_COUNT") or 69)
    seed = int(os.environ.get("MUTANTS_SEED") or 1)
    only = os.environ.get("MUTANTS_ONLY") or ""
    modules = [module for module in KNOWN["modules"] if only in module]
    picked = chosen(modules, count, seed)
    with tempfile.TemporaryDirectory(prefix="minsheng-mutants-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # root's server runs as nobody, who must get through
        settings = Settings.load({"MINSHENG_HOME": str(folder / "home")})
        try:
            copy = Copy(folder, server.start(settings, tuning=TUNING))
            tests = sorted({test for change in picked for test in mirror(change.path)})
            if not copy.passes(tests, loud=True):
                print("The tests fail before anything was changed.")
                return 2
            survivors = []
            for number, change in enumerate(picked, 1):
                began = time.monotonic()
                noticed = copy.is_noticed(change)
                seconds = time.monotonic() - began
                print(
                    f"{number:3}/{len(picked)} {'noticed ' if noticed else 'SURVIVED'} {seconds:5.1f} s  {change}",
                    flush=True,
                )
                survivors += [] if noticed else [change]
        finally:
            server.destroy(settings)
    print(f"\nseed {seed}: {len(picked)} changes, {len(survivors)} noticed by no test")
    for change in survivors:
        print(f"  {change}")
    return int(bool(survivors))


if __name__ == "__main__":
    raise SystemExit(main())
