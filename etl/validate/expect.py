"""Great Expectations, and nothing else of this project, lives here: its API churns.

The verdict comes first, in the database and without rows (`BOOLEAN_ONLY`); only a
rule that failed is asked, by the query GX itself makes for it, which rows it means.
`unexpected_list` and `unexpected_index_list` are not used: they stop silently at
200 and 20 rows.
"""

from __future__ import annotations

import copy
import gc
import importlib
import importlib.util
import logging
import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from etl.contract.model import Rule
from etl.profile import step
from etl.quoting import identifier, identifiers

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.expectations.expectation import Expectation

ROW = "row_no"
_DOMAIN = (
    "column",
    "column_A",
    "column_B",
    "column_list",
    "row_condition",
    "condition_parser",
    "ignore_row_if",
)
"""Arguments of an expectation that say where it looks."""


@dataclass(frozen=True)
class Outcome:
    """What became of one rule: `error` means that it could not be judged, which is not bad data."""

    rule: Rule
    verdict: Literal["pass", "fail", "error"]
    rows_sql: str | None = None
    """For a failed row rule: a SELECT whose first column is the `row_no` of every offending row."""
    detail: str = ""
    table: str | None = None
    """The staging table that was judged, with its schema."""


def judge(url: str, table: str, rules: Sequence[Rule], *, schema: str = "stage") -> list[Outcome]:
    """Judge a staging table by the rules, in their order.

    `url` is the SQLAlchemy address of the warehouse. Rows never come to Python.
    """
    if not rules:
        return []
    with step("import Great Expectations"):
        source = _source(url)
    with _ONE_AT_A_TIME:
        return _judge(source, table, rules, schema)


_ONE_AT_A_TIME = threading.Lock()
"""GX's context and its metrics are not made for threads."""


def _judge(source: Any, table: str, rules: Sequence[Rule], schema: str) -> list[Outcome]:
    import great_expectations as gx

    asset = source.add_table_asset(name=table, table_name=table, schema_name=schema)
    try:
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        expectations, untaken = _expectations(rules)
        suite = gx.ExpectationSuite(name=table, expectations=list(expectations.values()))
        results = batch.validate(suite, result_format="BOOLEAN_ONLY")
        # Results come in another order than the suite.
        by_rule = {result.expectation_config.meta["rule"]: result for result in results.results}
        outcomes = [
            Outcome(rule, "error", detail=untaken[rule.id])
            if rule.id in untaken
            else _outcome(rule, by_rule[rule.id], f"{schema}.{table}")
            for rule in rules
        ]
        asked = [
            expectations[outcome.rule.id]
            for outcome in outcomes
            if outcome.verdict == "fail"
            and outcome.rows_sql is None
            # An expectation on a whole column (its maximum, its mean) means no rows.
            and getattr(expectations[outcome.rule.id], "map_metric", None)
        ]
        queries = _rows_queries(asked, batch)
        named = f"{schema}.{table}"
        return [replace(each, table=named, **queries.get(each.rule.id, {})) for each in outcomes]
    finally:
        source.delete_asset(table)
        _forget(source)


def _forget(source: Any) -> None:
    """Let go of what the engine keeps of a batch: each statement, each row, 90 KB a delivery for as long as the process lives.

    GX has no setting for it that a data source would pass on.
    """
    engine = source.get_execution_engine()
    engine._metric_cache.clear()
    engine.batch_manager._batch_cache.clear()
    engine.batch_manager._batch_data_cache.clear()


@cache
def _source(url: str) -> Any:
    """One ephemeral context and one data source a process: GX needs seconds to import and to start."""
    load()
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    # Each staging table has a name of its own, so that a statement kept for the next time is never asked for again.
    uncached = {"query_cache_size": 0}
    return context.data_sources.add_postgres("warehouse", connection_string=url, kwargs=uncached)


def load() -> None:
    """Import Great Expectations, some two seconds of it, without what no rule on a database uses: scipy's statistics, charts."""
    with _LOADING:
        if "great_expectations" in sys.modules:
            return
        for name in ("scipy.stats", "altair"):
            _import_when_used(name)
        # Thousands of classes, none of which goes away: looking for garbage among them costs a fifth of the time.
        was_on = gc.isenabled()
        gc.disable()
        try:
            # By its own name: as the parent of a module that is asked for it takes half a second more.
            import great_expectations  # noqa: F401
        finally:
            if was_on:
                gc.enable()


_LOADING = threading.Lock()


class _Later(ModuleType):
    """Stands for a module until something asks it for a name. `LazyLoader`'s loads as soon as it is imported again."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def _import_when_used(name: str) -> None:
    """Let a module load when something asks it for a name."""
    package, _, module = name.rpartition(".")
    spec = importlib.util.find_spec(name) if name not in sys.modules else None
    if spec is None:
        return
    sys.modules[name] = later = _Later(name)
    later.__spec__ = spec
    if package:
        setattr(sys.modules[package], module, later)


def suite_document(
    name: str, rules: Sequence[tuple[Rule, dict[str, Any]]], meta: dict[str, Any]
) -> dict[str, Any]:
    """The suite as Great Expectations keeps it in a file; each rule with what its own `meta` says beside its id."""
    load()
    import great_expectations as gx

    suite = gx.ExpectationSuite(name=name, meta=meta)
    for rule, told in rules:
        expectation = _expectation(rule, "*")
        expectation.meta = {"rule": rule.id, **told}
        expectation.severity = "critical" if rule.severity == "error" else "warning"
        expectation.description = f"{rule.text_zh} / {rule.text_en}"
        suite.expectations.append(expectation)
    document: dict[str, Any] = suite.to_json_dict()
    return document


def refused(rules: Sequence[Rule]) -> dict[str, str]:
    """By id, why Great Expectations does not take a rule: no such expectation, or not with these arguments."""
    load()
    return _expectations(rules)[1]


def _expectations(rules: Sequence[Rule]) -> tuple[dict[str, Expectation], dict[str, str]]:
    """Rules by id as expectations, and those that Great Expectations does not take."""
    expectations, untaken = {}, {}
    for rule in rules:
        try:
            expectations[rule.id] = _expectation(rule)
        except Exception as error:  # whatever it is, it is this rule's
            untaken[rule.id] = _failure(error)["detail"]
    return expectations, untaken


def _expectation(rule: Rule, shown: str = ROW) -> Expectation:
    """`shown`: what a query for the rows of a condition selects."""
    from great_expectations.expectations import core
    from great_expectations.expectations.core.unexpected_rows_expectation import (
        UnexpectedRowsExpectation,
    )

    meta = {"rule": rule.id}
    if rule.expectation == "sql":
        # A condition that is NULL passes, as in a CHECK constraint.
        query = f"SELECT {shown} FROM {{batch}} WHERE NOT ({rule.kwargs['condition']})"
        return UnexpectedRowsExpectation(unexpected_rows_query=query, meta=meta)
    name = "".join(part.capitalize() for part in rule.expectation.split("_"))
    return getattr(core, name)(**rule.kwargs, meta=meta)


def _outcome(rule: Rule, result: ExpectationValidationResult, table: str) -> Outcome:
    """The verdict, and the query for the rows where GX is not asked for it."""
    raised = _exception(result)
    if raised:
        return Outcome(rule, "error", detail=raised)
    if result.success:
        return Outcome(rule, "pass")
    if not rule.columns:
        return Outcome(rule, "fail", detail=str(result.result or ""))
    if rule.expectation == "sql":
        condition = rule.kwargs["condition"]
        return Outcome(rule, "fail", f"SELECT {ROW} FROM {table} WHERE NOT ({condition})")
    if rule.expectation == "expect_compound_columns_to_be_unique":
        return Outcome(rule, "fail", _shared_keys(rule, table))
    return Outcome(rule, "fail")


def _shared_keys(rule: Rule, table: str) -> str:
    """Rows whose compound key occurs again. GX 1.24's own query for them names an ambiguous column and fails."""
    columns = identifiers(rule.columns)
    complete = " AND ".join(f"{identifier(column)} IS NOT NULL" for column in rule.columns)
    counted = f"SELECT {ROW}, count(*) OVER (PARTITION BY {columns}) AS shared FROM {table} WHERE {complete}"
    return f"SELECT {ROW} FROM ({counted}) AS counted WHERE shared > 1"


def _rows_queries(expectations: Sequence[Expectation], batch: Batch) -> dict[str, dict[str, Any]]:
    """By rule, the query that GX makes for the rows a map expectation means, had without reading them.

    For all of them at once: they share what GX counts on the way. Where GX fails, an
    error of judging, never a verdict.
    """
    from great_expectations.validator.metrics_calculator import MetricsCalculator

    if not expectations:
        return {}
    engine = batch.data.execution_engine
    engine.batch_manager.load_batch_list([batch])
    metrics: dict[str, Any] = {}
    queries: dict[str, dict[str, Any]] = {}
    for each in expectations:
        try:
            metrics[each.meta["rule"]] = _rows_metric(each, batch)
        except Exception as error:
            queries[each.meta["rule"]] = _failure(error)
    calculator = MetricsCalculator(execution_engine=engine, show_progress_bars=False)
    try:
        computed, aborted = calculator.compute_metrics(list(metrics.values()))
    except Exception as error:
        return queries | {rule: _failure(error) for rule in metrics}
    for rule, metric in metrics.items():
        if metric.id in computed:
            query = str(computed[metric.id]).rstrip().rstrip(";")
            # Named by position: a uniqueness rule repeats its key column, which may be row_no's namesake.
            query = f"SELECT first_column AS {ROW} FROM ({query}) AS unexpected (first_column)"
            queries[rule] = {"rows_sql": query}
        else:
            raised = "; ".join(str(each.get("exception_info")) for each in aborted.values())
            queries[rule] = {"verdict": "error", "detail": raised or metric.metric_name}
    return queries


def _failure(error: Exception) -> dict[str, Any]:
    return {"verdict": "error", "detail": f"{type(error).__name__}: {error}"}


def _rows_metric(expectation: Expectation, batch: Batch) -> Any:
    from great_expectations.validator.metric_configuration import MetricConfiguration

    kwargs: dict[str, Any] = dict(copy.deepcopy(expectation).configuration.kwargs)
    domain = {name: kwargs.pop(name) for name in _DOMAIN if name in kwargs}
    format_ = {"result_format": "COMPLETE", "unexpected_index_column_names": [ROW]}
    return MetricConfiguration(
        f"{expectation.map_metric}.unexpected_index_query",
        metric_domain_kwargs={**domain, "batch_id": batch.id},
        metric_value_kwargs={**kwargs, "result_format": format_},
    )


def _exception(result: ExpectationValidationResult) -> str:
    """The reason of an engine error; GX hides it in `exception_info` and only says `success: false`."""
    info = result.exception_info or {}
    entries = [info] if "raised_exception" in info else list(info.values())
    return "; ".join(
        str(e.get("exception_message"))
        for e in entries
        if isinstance(e, dict) and e.get("raised_exception")
    )
