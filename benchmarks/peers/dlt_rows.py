"""(d) dlt with rows as dictionaries and merge, as its first tutorial does."""

import csv
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dlt
from _common import COUNTS, FILE, FLAGS, SCRATCH, TIMES, URL, ZONE, report

ZONE_INFO = ZoneInfo(ZONE)


@dlt.resource(name="orders", write_disposition="merge", primary_key="order_id")
def orders():
    """The extract row by row."""
    with Path(FILE).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name in TIMES:
                row[name] = (
                    datetime.fromisoformat(row[name]).replace(tzinfo=ZONE_INFO)
                    if row[name]
                    else None
                )
            for name in FLAGS:
                row[name] = row[name] == "true" if row[name] else None
            for name in COUNTS:
                row[name] = int(row[name]) if row[name] else None
            yield row


started, cpu = time.perf_counter(), time.process_time()
pipeline = dlt.pipeline(
    "orders", destination=dlt.destinations.postgres(URL), dataset_name="peer", pipelines_dir=SCRATCH
)
pipeline.run(orders())
report(time.perf_counter() - started, time.process_time() - cpu)
