"""(c) dlt with Arrow and merge: no validation, no star, no indexes beyond its own.

Parquet through ADBC is the fastest of the formats that its Postgres destination takes
(measured: 1.6 s for 100,000 rows, 3.9 s with insert values, 5.5 s with CSV).
"""

import time
from pathlib import Path

import dlt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from _common import COUNTS, FILE, FLAGS, SCRATCH, TIMES, URL, ZONE, report


@dlt.resource(name="orders", write_disposition="merge", primary_key="order_id")
def orders():
    """The extract as Arrow tables."""
    with Path(FILE).open(encoding="utf-8") as file:
        names = file.readline().strip().split(",")
    kinds = dict.fromkeys(names, pa.string())
    kinds |= (
        dict.fromkeys(TIMES, pa.timestamp("us"))
        | dict.fromkeys(FLAGS, pa.bool_())
        | dict.fromkeys(COUNTS, pa.int64())
    )
    options = pacsv.ConvertOptions(column_types=kinds, strings_can_be_null=True)
    blocks = pacsv.ReadOptions(block_size=1 << 24)
    for batch in pacsv.open_csv(FILE, read_options=blocks, convert_options=options):
        table = pa.Table.from_batches([batch])
        for name in TIMES:
            at = table.schema.get_field_index(name)
            table = table.set_column(at, name, pc.assume_timezone(table.column(name), ZONE))
        yield table


started, cpu = time.perf_counter(), time.process_time()
pipeline = dlt.pipeline(
    "orders", destination=dlt.destinations.postgres(URL), dataset_name="peer", pipelines_dir=SCRATCH
)
pipeline.run(orders(), loader_file_format="parquet")
report(time.perf_counter() - started, time.process_time() - cpu)
