"""The report's figures as CSV and JSON, each row with its unit, definition version and basis; described by a Data Package."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from etl.report import words
from etl.report.model import Indicator, Report

WORKBOOK = "附表.xlsx"
DOCUMENT = "评估报告.docx"

VALUES = {
    "code": ("指标代码", "string"),
    "name_zh": ("指标", "string"),
    "name_en": ("英文名", "string"),
    "as_of": ("截至", "date"),
    "value": ("值", "number"),
    "numerator": ("分子", "number"),
    "denominator": ("分母", "number"),
    "unit": ("单位", "string"),
    "low": ("下限", "number"),
    "high": ("上限", "number"),
    "open_ends": ("不定的一端", "string"),
    "provisional": ("暂定", "boolean"),
    "baseline": ("基期", "number"),
    "half_width": ("基期舍入", "number"),
    "target": ("目标", "number"),
    "progress": ("进度", "number"),
    "time_progress": ("时间进度", "number"),
    "status": ("状态", "string"),
    "completeness": ("完整度", "number"),
    "quarantined_share": ("隔离占比", "number"),
    "reasons": ("原因", "string"),
    "definition_version": ("定义版本", "string"),
    "basis": ("依据", "string"),
}
SERIES = {
    "code": ("指标代码", "string"),
    "on": ("截至", "date"),
    "value": ("值", "number"),
    "numerator": ("分子", "number"),
    "denominator": ("分母", "number"),
    "unit": ("单位", "string"),
    "low": ("下限", "number"),
    "high": ("上限", "number"),
    "open_ends": ("不定的一端", "string"),
    "provisional": ("暂定", "boolean"),
    "definition_version": ("定义版本", "string"),
    "basis": ("依据", "string"),
}
TOWNS = {
    "code": ("指标代码", "string"),
    "town": ("镇街", "string"),
    "as_of": ("截至", "date"),
    "value": ("值", "number"),
    "numerator": ("分子", "number"),
    "denominator": ("分母", "number"),
    "state": ("性质", "string"),
    "wilson_low": ("95%下限", "number"),
    "wilson_high": ("95%上限", "number"),
    "unit": ("单位", "string"),
    "definition_version": ("定义版本", "string"),
    "basis": ("依据", "string"),
}
SOURCES = {
    "code": ("指标代码", "string"),
    "delivery": ("批次", "integer"),
    "feed": ("数据源", "string"),
    "file": ("文件", "string"),
    "sheet": ("工作表", "string"),
    "rows": ("行数", "integer"),
    "lines": ("行号", "string"),
    "numerator": ("贡献", "number"),
    "denominator": ("分母", "number"),
    "unit": ("单位", "string"),
    "sha256": ("文件指纹", "string"),
    "definition_version": ("定义版本", "string"),
    "basis": ("依据", "string"),
}
TABLES = {"values": VALUES, "series": SERIES, "towns": TOWNS, "sources": SOURCES}
TITLES = {
    "values": ("指标", "Indicators"),
    "series": ("走势", "Series"),
    "towns": ("按镇街", "By town"),
    "sources": ("来源文件", "Source files"),
}
DOWNLOADS = (
    *((f"data/{name}.csv", f"{zh}（CSV）", f"{en} (CSV)") for name, (zh, en) in TITLES.items()),
    *((f"data/{name}.json", f"{zh}（JSON）", f"{en} (JSON)") for name, (zh, en) in TITLES.items()),
    ("data/datapackage.json", "以上各表的说明", "what the tables hold"),
    (WORKBOOK, "附表：以上各表的工作簿", "the tables as a workbook"),
    (DOCUMENT, "评估报告文稿", "the report as a document, in Chinese"),
)


def rows(report: Report, table: str) -> list[dict[str, Any]]:
    """The rows of a table, in the order of its columns."""
    make = {"values": _values, "series": _series, "towns": _towns, "sources": _sources}[table]
    return [row for indicator in report.indicators for row in make(report, indicator)]


def basis(report: Report, indicator: Indicator) -> str:
    """On what a figure rests: computed or declared, example data, the boundaries."""
    statement = indicator.result.statement
    parts = [words.COMPUTABLE[statement.computable][0]]
    codes = {reason.code for reason in indicator.result.reasons}
    marks = {
        "synthetic_data": "合成数据",
        "example_target": "示例目标",
        "example_declaration": "示例申报",
        "unofficial_policy": f"非官方口径 {report.evaluation.policy.policy_code}",
    }
    parts += [text for code, text in marks.items() if code in codes]
    return "；".join([*parts, "今日区划"])


def files(report: Report) -> Iterator[tuple[str, str]]:
    """Names and texts of all tables."""
    for name, columns in TABLES.items():
        listed = rows(report, name)
        yield f"data/{name}.csv", text(list(columns), ([row[c] for c in columns] for row in listed))
        yield f"data/{name}.json", json.dumps(listed, ensure_ascii=False, indent=1) + "\n"
    package = {
        "name": "minsheng-report",
        "title": f"规划评估 {report.evaluation.as_of}",
        "resources": [_resource(name) for name in TABLES],
    }
    yield "data/datapackage.json", json.dumps(package, ensure_ascii=False, indent=1) + "\n"


def text(head: Sequence[str], lines: Iterable[Sequence[Any]]) -> str:
    """A CSV with a byte order mark, so that a double click shows Chinese."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_safe(value) for value in line] for line in lines)
    return "\ufeff" + out.getvalue()


def _safe(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t"):
        return "'" + value
    return value


def _resource(name: str) -> dict[str, Any]:
    title = TITLES[name]
    return {
        "name": name,
        "title": f"{title[0]} / {title[1]}",
        "path": f"{name}.csv",
        "format": "csv",
        "encoding": "utf-8",
        "schema": {
            "fields": [
                {"name": column, "title": label, "type": kind}
                for column, (label, kind) in TABLES[name].items()
            ],
            "missingValues": [""],
        },
    }


def _common(report: Report, indicator: Indicator) -> dict[str, Any]:
    return {
        "unit": words.unit_of_table(indicator.result.statement),
        "definition_version": indicator.result.statement.definition_version,
        "basis": basis(report, indicator),
    }


def _values(report: Report, indicator: Indicator) -> Iterator[dict[str, Any]]:
    told = indicator.result.to_json()
    row = {
        **told,
        **_common(report, indicator),
        "as_of": report.evaluation.as_of.isoformat(),
        "low": told["bounds"]["low"],
        "high": told["bounds"]["high"],
        "open_ends": " ".join(told["bounds"]["open"]),
        "reasons": "；".join(reason["zh"] for reason in told["reasons"]),
    }
    yield {column: row[column] for column in VALUES}


def _series(report: Report, indicator: Indicator) -> Iterator[dict[str, Any]]:
    common = _common(report, indicator)
    for point in indicator.points:
        row = {
            **common,
            "code": indicator.code,
            "on": point.on.isoformat(),
            "value": point.value,
            "numerator": point.numerator,
            "denominator": point.denominator,
            "low": point.low,
            "high": point.high,
            "open_ends": " ".join(point.open_ends),
            "provisional": point.provisional,
            "definition_version": point.version,
        }
        yield {column: row[column] for column in SERIES}


def _towns(report: Report, indicator: Indicator) -> Iterator[dict[str, Any]]:
    common = _common(report, indicator)
    for cell in indicator.towns:
        low, high = cell.interval or (None, None)
        row = {
            **common,
            "code": indicator.code,
            "town": cell.name,
            "as_of": report.evaluation.as_of.isoformat(),
            "value": cell.value,
            "numerator": cell.numerator,
            "denominator": cell.denominator,
            "state": {"value": "数值", "few": "不足5，不显示", "none": "没有数据"}[cell.state],
            "wilson_low": low,
            "wilson_high": high,
        }
        yield {column: row[column] for column in TOWNS}


def _sources(report: Report, indicator: Indicator) -> Iterator[dict[str, Any]]:
    common = _common(report, indicator)
    for source in indicator.sources:
        row = {
            **common,
            "code": indicator.code,
            "delivery": source.delivery,
            "feed": source.feed,
            "file": source.file,
            "sheet": source.sheet,
            "rows": source.rows,
            "lines": source.lines,
            "numerator": source.numerator,
            "denominator": source.denominator,
            "sha256": source.sha256,
        }
        yield {column: row[column] for column in SOURCES}
