"""A reason: what is wrong, where, what was found, what was expected, how to put it right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]
ERROR: Severity = "error"
WARNING: Severity = "warning"
INFO: Severity = "info"

_PLAIN = ("file", "sheet", "row", "column", "header", "found", "rows")


@dataclass(frozen=True)
class Reason:
    """One reason in both languages; made by a `Catalogue`, or from a contract's rule, which has its own words."""

    code: str
    """Stable over releases; the id of the rule where a contract's rule is not met."""
    message_zh: str
    message_en: str
    fix_zh: str = ""
    fix_en: str = ""
    severity: Severity = ERROR
    """error: it stopped something; warning: somebody should look; info: it only explains."""
    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    """As the department's own spreadsheet counts, from 1 and with the header."""
    column: str | None = None
    """The contract's name of the field."""
    header: str | None = None
    """What the file calls the column."""
    found: str | None = None
    """As it was sent; `***` where the content must not leave the archive."""
    expected_zh: str | None = None
    expected_en: str | None = None
    rows: int | None = None
    """How many rows it is about."""
    details: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Further facts for programs: keys, deliveries, towns."""

    def as_dict(self) -> dict[str, Any]:
        """As the ledger keeps it and `--json` prints it; what is not known is left out.

        `rule` is the code. An expectation that needs no words (`≥ 70`) is `expected`, one
        that does is `expected_zh` and `expected_en`.
        """
        values: dict[str, Any] = {"rule": self.code, "severity": self.severity}
        values |= {"message_zh": self.message_zh, "message_en": self.message_en}
        if self.fix_zh or self.fix_en:
            values |= {"fix_zh": self.fix_zh, "fix_en": self.fix_en}
        values |= {name: value for name in _PLAIN if (value := getattr(self, name)) is not None}
        if self.expected_zh is not None and self.expected_zh == self.expected_en:
            values["expected"] = self.expected_zh
        elif self.expected_zh is not None:
            values |= {"expected_zh": self.expected_zh, "expected_en": self.expected_en}
        return values | dict(self.details)

    def brief(self) -> dict[str, str]:
        """Code and message, as a figure of the evaluation carries them."""
        return {"code": self.code, "zh": self.message_zh, "en": self.message_en}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Reason:
        """Read one back from the ledger, also one of an earlier release."""
        known = dict(values)
        code = known.pop("rule", None) or known.pop("code", None) or known.pop("error", "")
        both = known.pop("expected", None)
        given = {name: known.pop(name) for name in cls.__dataclass_fields__ if name in known}
        if both is not None:
            given |= {"expected_zh": str(both), "expected_en": str(both)}
        for name in ("message_zh", "message_en"):
            given.setdefault(name, "")
        if given.get("header") is None and known.get("columns"):
            given["header"] = "、".join(known["columns"])
        return cls(code=str(code), details=known, **given)
