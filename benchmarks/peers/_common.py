"""What the peers' scripts share: where to read, where to write, how to report."""

import json
import os
import sys

URL = os.environ["BENCH_URL"]
FILE = os.environ["BENCH_FILE"]
SCRATCH = os.environ["BENCH_SCRATCH"]
TIMES = [n for n in os.environ["BENCH_TIMES"].split(",") if n]
FLAGS = [n for n in os.environ["BENCH_FLAGS"].split(",") if n]
COUNTS = [n for n in os.environ["BENCH_COUNTS"].split(",") if n]
ZONE = "Asia/Shanghai"


def report(seconds: float, cpu_seconds: float) -> None:
    """Say how long it took, without the imports."""
    sys.stdout.write("BENCH " + json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds}) + "\n")
