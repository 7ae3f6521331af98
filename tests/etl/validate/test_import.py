"""What Great Expectations imports and no rule on a database uses is loaded when something asks for it."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from etl.validate.expect import _import_when_used
_import_when_used("scipy.stats")
import great_expectations
assert "scipy.stats._stats_py" not in sys.modules
from scipy import stats
assert stats.norm.cdf(0) == 0.5
assert "scipy.stats._stats_py" in sys.modules
_import_when_used("scipy.stats")
assert sys.modules["scipy.stats"] is stats
"""


def test_scipys_statistics_are_loaded_when_they_are_used() -> None:
    subprocess.run([sys.executable, "-W", "ignore", "-c", SCRIPT], check=True, timeout=120)
