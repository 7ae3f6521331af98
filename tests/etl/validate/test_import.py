"""What Great Expectations imports and no rule on a database uses is loaded when something asks for it."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
import gc
from etl.validate.expect import _import_when_used, load
load()
assert gc.isenabled()
assert "great_expectations.expectations.core" in sys.modules
assert "scipy.stats._stats_py" not in sys.modules
assert "altair.vegalite" not in sys.modules
import altair
assert altair.Chart is not None
assert "altair.vegalite" in sys.modules
from scipy import stats
assert stats.norm.cdf(0) == 0.5
assert "scipy.stats._stats_py" in sys.modules
_import_when_used("scipy.stats")
from scipy import stats as again
assert sys.modules["scipy.stats"] is again
assert again.norm is stats.norm
"""


def test_scipys_statistics_are_loaded_when_they_are_used() -> None:
    subprocess.run([sys.executable, "-W", "ignore", "-c", SCRIPT], check=True, timeout=120)
