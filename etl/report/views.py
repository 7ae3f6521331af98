"""What a page says, from the report: sentences, rows and short words; a template only sets them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from etl.evaluate.result import printed
from etl.evaluate.status import NO_TARGET
from etl.plan import Plan
from etl.report import words
from etl.report.charts import Words
from etl.report.model import Indicator, Report

SHORT = {
    "missing_deliveries": ("缺报", "deliveries missing"),
    "missing_days": ("缺日", "days missing"),
    "missing_towns": ("缺镇街", "towns missing"),
    "waiting_deliveries": ("有批次未定", "deliveries undecided"),
    "basis_later_register": ("借用后期台账", "later register"),
    "target_in_quarantine": ("目标在隔离中", "target in quarantine"),
    "target_held": ("目标被暂扣", "target held"),
    "declaration_in_quarantine": ("申报在隔离中", "declaration in quarantine"),
    "declaration_held": ("申报被暂扣", "declaration held"),
    "quarantine_sensitive": ("结论未定", "verdict open"),
    "jump": ("有突变", "a jump"),
    "jump_by_row": ("有突变", "a jump"),
    "no_data": ("无数据", "no data"),
    "undeclared": ("未申报", "nothing declared"),
    "second_id": ("疑有重复编号", "second ids suspected"),
}
"""Reasons that bear on how far a figure can be trusted, in a table's words."""


@dataclass(frozen=True)
class View:
    """A report in one language."""

    report: Report
    plan: Plan
    lang: str

    def t(self, zh: str, en: str) -> str:
        """The text of this language."""
        return zh if self.lang == "zh" else en

    def name(self, indicator: Indicator) -> str:
        """An indicator's name."""
        return words.name(indicator.result.statement, self.lang)

    def amount(self, value: float | None, indicator: Indicator, *, sign: bool = False) -> str:
        """A value with its unit."""
        return words.amount(value, indicator.result.statement, self.lang, sign=sign)

    def number(self, value: float | None, indicator: Indicator) -> str:
        """A value without its unit."""
        return words.number(value, indicator.result.statement, self.lang)

    def value(self, indicator: Indicator) -> str:
        """The figure, with a star where it may still change."""
        text = self.amount(indicator.result.value, indicator)
        return f"{text} *" if indicator.result.provisional else text

    def status(self, word: str) -> str:
        """A status in words."""
        return words.status(word, self.lang)

    def summary(self) -> list[tuple[str, int]]:
        """Statuses of the plan's statements that have a target, with their counts; those without are apart."""
        counts = Counter(i.result.status for i in self.report.statements)
        return [
            (word, counts[word]) for word in words.STATUSES if counts[word] and word != NO_TARGET
        ]

    def without_target(self) -> int:
        """How many statements nobody set a target for."""
        return sum(i.result.status == NO_TARGET for i in self.report.statements)

    def lead(self) -> str:
        """The sentence that opens the report."""
        report, judged = self.report, self.summary()
        total, without = len(report.statements), self.without_target()
        among = [i for i in report.statements if i.result.status != NO_TARGET]
        provisional = sum(i.result.provisional for i in among)
        as_of = report.evaluation.as_of
        if not judged:
            return self.t(
                f"截至 {as_of}，规划的 {total} 项指标都没有目标值，不评等次。",
                f"On {as_of} none of the plan's {total} statements has a target: none is judged.",
            )
        listed = [
            self.t(f"{number} 项{word}", f"{number} {self.status(word)}") for word, number in judged
        ]
        joined = "、".join(listed) if self.lang == "zh" else ", ".join(listed)
        return self.t(
            f"截至 {as_of}，列入评价的 {len(among)} 项指标中，{joined}；其中 {provisional} 项仍为暂定。"
            f"另有 {without} 项没有目标值，不评等次。",
            f"On {as_of}, of {len(among)} statements that are judged: {joined}; {provisional} of them are still"
            f" provisional. Another {without} have no target and are not judged.",
        )

    def judged(self) -> list[Indicator]:
        """Statements that are judged, the worst first."""
        order = ["滞后", "不可评", "基本达到", "达到时序", "已完成"]
        rows = [i for i in self.report.statements if i.result.status != NO_TARGET]
        return sorted(
            rows, key=lambda i: (order.index(i.result.status), i.result.statement.position)
        )

    def untargeted(self, room: int = 400) -> tuple[list[Indicator], int]:
        """Statements without a target, as many as have room by their names' letters, and how many more there are."""
        listed, used = [], 0
        rows = [i for i in self.report.statements if i.result.status == NO_TARGET]
        for indicator in rows:
            used += len(self.name(indicator)) + 2
            if used > (room if self.lang == "zh" else 2 * room):
                break
            listed.append(indicator)
        return listed, len(rows) - len(listed)

    def gap(self, indicator: Indicator) -> str:
        """Target minus value, in the indicator's unit; nothing where it is reached."""
        result = indicator.result
        if result.target is None or result.value is None:
            return "—"
        if result.status == "已完成":
            return "0"
        return words.gap(result.target - result.value, result.statement, self.lang)

    def bounds(self, indicator: Indicator) -> str:
        """Both bounds as printed; an open one says so; empty where they print alike."""
        bounds, statement = indicator.result.bounds, indicator.result.statement
        if not bounds.is_open and printed(bounds.low, statement) == printed(bounds.high, statement):
            return ""
        unsure = self.t("不定", "open")
        low = unsure if bounds.open_low else self.number(bounds.low, indicator)
        high = unsure if bounds.open_high else self.number(bounds.high, indicator)
        return f"{low} – {high}"

    def trust(self, indicator: Indicator) -> str:
        """In a few words how far the figure can be relied on."""
        said = []
        if bounds := self.bounds(indicator):
            said.append(bounds)
        for reason in indicator.result.reasons:
            short = SHORT.get(reason.code)
            if short and words.pick(short, self.lang) not in said:
                said.append(words.pick(short, self.lang))
        return self.t("；", "; ").join(said) or self.t("齐", "complete")

    def reasons(self, indicator: Indicator) -> list[str]:
        """All reasons in sentences."""
        names = self.report.feed_names
        return [words.sentence(r, names, self.lang) for r in indicator.result.reasons]

    def definition(self, indicator: Indicator) -> list[tuple[str, str]]:
        """The definition's parameters in words."""
        return words.definition(indicator.result.statement, self.plan, self.lang)

    def feed(self, feed: str | None) -> str:
        """A feed's name."""
        if feed is None:
            return "—"
        return words.pick(self.report.feed_names.get(feed, (feed, feed)), self.lang)

    def feeds(self, indicator: Indicator) -> str:
        """The feeds that an indicator is computed from."""
        shown = [self.feed(feed) for feed in indicator.result.statement.feeds]
        return self.t("、", ", ").join(shown) or "—"

    def reading(self, indicator: Indicator) -> str:
        """The sentence that reads all values of a series."""
        points = [
            f"{p.on}: {self.number(p.value, indicator) if p.value is not None else self.t('没有数据', 'no data')}"
            + (
                self.t("（暂定）", " (provisional)")
                if p.provisional and p.value is not None
                else ""
            )
            for p in indicator.points
        ]
        target = ""
        if indicator.target:
            goal = self.amount(indicator.target.final.value, indicator)
            target = self.t(
                f"目标 {goal}（{indicator.target.final.on}）。",
                f" Target {goal} on {indicator.target.final.on}.",
            )
        return (
            f"{self.name(indicator)}。" + "；".join(points) + "。" + target
            if self.lang == "zh"
            else (f"{self.name(indicator)}. " + "; ".join(points) + "." + target)
        )

    def chart_words(self, indicator: Indicator) -> Words:
        """The words of an indicator's chart."""
        return Words(
            label=self.reading(indicator),
            show=lambda value: self.number(value, indicator),
            target=self.t("目标", "target"),
            definition=lambda version: self.t(f"定义 {version}", f"definition {version}"),
            no_data=self.t("没有数据", "no data"),
        )

    def towns_words(self, indicator: Indicator) -> Words:
        """The words of a chart by town."""
        told = [f"{c.name} {self.cell(c, indicator)}" for c in indicator.towns]
        label = f"{self.name(indicator)}{self.t('，按镇街：', ' by town: ')}{self.t('；', '; ').join(told)}"
        return Words(
            label,
            lambda value: self.number(value, indicator),
            "",
            str,
            self.t("没有数据", "no data"),
        )

    def cell(self, cell: Any, indicator: Indicator) -> str:
        """A town's value in words: "0" is a number, no data are not."""
        if cell.state == "none":
            return self.t("× 没有数据", "× no data")
        if cell.state == "few":
            return "n<5" if cell.is_share else "<5"
        return self.amount(cell.value, indicator)

    def moves(self, most: int = 5) -> list[dict[str, Any]]:
        """The largest changes against the last kept evaluation, movement and revision apart."""
        rows: list[dict[str, Any]] = []
        for indicator in self.report.statements:
            change = self.report.changes.get(indicator.code)
            if change is None or change.now is None or change.before_then is None:
                continue
            moved, revised = change.movement or 0.0, change.revision or 0.0
            size = max(abs(moved), abs(revised)) / (abs(change.now) or 1.0)
            if size > 1e-9:
                rows.append({"indicator": indicator, "change": change, "size": size})
        return sorted(rows, key=lambda row: -row["size"])[:most]

    def blocked(self) -> dict[str, list[Indicator]]:
        """Why statements and measures have no verdict: sentence -> indicators."""
        return {
            "judged": [i for i in self.report.indicators if i.result.status == "不可评"],
            "no_target": [i for i in self.report.indicators if i.result.status == NO_TARGET],
        }

    def late(self) -> Sequence[Any]:
        """Feeds of which the last period due is missing, or that wait."""
        return [f for f in self.report.feeds if f.lacks_newest or f.held]
