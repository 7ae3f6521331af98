"""Runs the scripts whose paths come on stdin, each in a process of its own, forked from one that has imported all.

Great Expectations alone takes ten seconds to import, twenty scripts would take four minutes. After each script a
line with its marker tells that it has ended.
"""

from __future__ import annotations

import atexit
import os
import runpy
import sys
import traceback
from pathlib import Path

END = "=== end of the script"


def main() -> None:
    """Serve until stdin ends."""
    sys.path.insert(0, str(Path.cwd()))
    import great_expectations as gx  # noqa: F401
    import openpyxl  # noqa: F401
    import pandas as pd  # noqa: F401

    import etl.ingest
    import etl.server  # noqa: F401

    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if not child:
            _run(Path(line.strip()))
        _, status = os.waitpid(child, 0)
        ended = f"\nended with {os.waitstatus_to_exitcode(status)}" if status else ""
        sys.stdout.write(f"{ended}\n{END}\n")
        sys.stdout.flush()


def _run(script: Path) -> None:
    """The script as `python script` would run it, with what it has registered for the end."""
    status = 0
    sys.path.insert(0, str(script.parent))
    sys.argv = [str(script)]
    atexit._clear()
    os.dup2(1, 2)
    try:
        runpy.run_path(str(script), run_name="__main__")
    except BaseException:
        traceback.print_exc()
        status = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
