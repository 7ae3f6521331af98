"""Catalogues of messages: `messages.yaml` beside the package that says them, one entry a code.

    columns_missing:
      zh: 缺少必需的列。
      en: Required columns are missing.
      fix_zh: 补齐所缺的列
      fix_en: Add the missing columns.

`{name}` stands for a value that the caller gives. `severity` is error unless the entry says otherwise; `code`
lets several entries share one code (kinds of damage to a cell). docs/messages.md lists all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from etl.reasons.reason import ERROR, Reason

_WORDS = ("zh", "en", "fix_zh", "fix_en", "expected_zh", "expected_en", "severity", "code")
_PLACE = ("file", "sheet", "row", "column", "header", "found", "rows", "severity", "details")


class Catalogue:
    """The messages of one package; read when the first one is said."""

    def __init__(self, package_file: str) -> None:
        self.path = Path(package_file).with_name("messages.yaml")

    @cached_property
    def entries(self) -> Mapping[str, Mapping[str, str]]:
        """Words by code. Raises ValueError for an entry with unknown or missing parts."""
        import yaml  # not needed by those who never say anything

        with self.path.open(encoding="utf-8") as file:
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            entries: dict[str, dict[str, str]] = yaml.load(file, Loader=loader)  # noqa: S506
        for code, words in entries.items():
            if not {"zh", "en"} <= words.keys() <= set(_WORDS):
                raise ValueError(f"{self.path}: {code}: {sorted(words)}")
        return entries

    def reason(self, entry: str, /, *, expected: object = None, **values: Any) -> Reason:
        """The reason of an entry; place, `found`, `expected`, `rows`, `details` are fields, all values fill its words.

        Raises KeyError for an entry that the catalogue lacks or a value that the caller forgot.
        """
        template = self.entries[entry]
        values["expected"] = expected
        words = {
            name: template[name].format_map(values)
            for name in ("zh", "en", "fix_zh", "fix_en", "expected_zh", "expected_en")
            if name in template
        }
        if expected is not None:
            words |= {"expected_zh": str(expected), "expected_en": str(expected)}
        reason = Reason(
            template.get("code", entry),
            words.pop("zh"),
            words.pop("en"),
            severity=values.get("severity") or template.get("severity", ERROR),  # type: ignore[arg-type]
            **words,  # type: ignore[arg-type]
        )
        given = {n: values[n] for n in _PLACE if n != "severity" and values.get(n) is not None}
        if "found" in given:
            given["found"] = str(given["found"])
        return replace(reason, **given)
