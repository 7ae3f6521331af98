"""How a reason reads, in a terminal, in Airflow, on a page: the same lines everywhere."""

from __future__ import annotations

from etl.reasons.reason import Reason

_PLACE = (("file", "文件 file"), ("sheet", "工作表 sheet"), ("row", "行 row"))


def message(reason: Reason) -> str:
    """What is wrong, in both languages."""
    return f"{reason.message_zh} {reason.message_en}".strip()


def lines(reason: Reason) -> list[str]:
    """In both languages: what is wrong; where; found and expected; how to put it right."""
    place = [
        f"{word} {value}" for name, word in _PLACE if (value := getattr(reason, name)) is not None
    ]
    column = reason.header or reason.column
    if column:
        place.append(f"列 column {column}")
    detail = [f"实际 found: {reason.found}"] if reason.found is not None else []
    if reason.expected_zh is not None:
        both = (reason.expected_zh, reason.expected_en or reason.expected_zh)
        detail.append(f"应为 expected: {' / '.join(dict.fromkeys(both))}")
    if reason.rows is not None:
        detail.append(f"行数 rows: {reason.rows}")
    fix = " ".join(text for text in (reason.fix_zh, reason.fix_en) if text)
    parts = [message(reason), " · ".join(place), "; ".join(detail)]
    return [text for text in parts if text] + ([f"处理 fix: {fix}"] if fix else [])


def one_line(reason: Reason) -> str:
    """The same in one line."""
    return "; ".join(lines(reason))
