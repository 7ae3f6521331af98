"""(e) The tutorial way: pandas.read_csv, Great Expectations on the frame, DataFrame.to_sql."""

import time
from pathlib import Path

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
import sqlalchemy as sa
from _common import COUNTS, FILE, FLAGS, TIMES, URL, report

started, cpu = time.perf_counter(), time.process_time()
with Path(FILE).open(encoding="utf-8") as file:
    names = file.readline().strip().split(",")
kinds = {name: "str" for name in names if name not in TIMES}
kinds |= dict.fromkeys(FLAGS, "boolean") | dict.fromkeys(COUNTS, "Int64")
frame = pd.read_csv(FILE, dtype=kinds, parse_dates=TIMES)

context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {"globally": False}
batch = (
    context.data_sources.add_pandas("files")
    .add_dataframe_asset("orders")
    .add_batch_definition_whole_dataframe("all")
    .get_batch({"dataframe": frame})
)
required = [n for n in ("order_id", "category_1", "town", "unit", "opened_at") if n in names]
rules = [gxe.ExpectColumnValuesToNotBeNull(column=name) for name in required]
rules.append(gxe.ExpectColumnValuesToBeUnique(column="order_id"))
vocabularies = {
    "resolution": ["解决", "部分解决", "未解决"],
    "satisfaction": ["满意", "基本满意", "不满意", "未评价"],
    "urgency": ["一般", "紧急", "特急"],
    "order_type": ["投诉", "求助", "咨询", "建议", "举报", "表扬"],
}
rules += [
    gxe.ExpectColumnValuesToBeInSet(column=name, value_set=values)
    for name, values in vocabularies.items()
    if name in names
]
rules += [
    gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=later, column_B="opened_at", or_equal=True, ignore_row_if="either_value_is_missing"
    )
    for later in ("closed_at", "dispatched_at")
    if later in names
]
outcome = batch.validate(gx.ExpectationSuite(name="orders", expectations=rules))
if any(r.exception_info.get("raised_exception") for r in outcome.results):
    raise SystemExit(str(outcome))

engine = sa.create_engine(URL.replace("postgresql://", "postgresql+psycopg2://", 1))
with engine.begin() as connection:
    frame.to_sql("orders", connection, if_exists="append", index=False)
report(time.perf_counter() - started, time.process_time() - cpu)
