"""The receipt of a figure as people and programs get it: words of its formula, JSON, CSV, a page of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from etl.evaluate import figures
from etl.evaluate.bounds import Bounds
from etl.evaluate.receipts import KeptOut, Receipt, SourceFile
from etl.evaluate.result import printed
from etl.pages.files import STYLE, environment
from etl.plan import Statement, load_plan
from etl.report import tables, words

_COUNTED = {
    "zh": re.compile(r"^-- 计法：(.*)$", re.MULTILINE),
    "en": re.compile(r"^-- Counted: (.*)$", re.MULTILINE),
}
_PLACE = re.compile(r"^(.*)¶(\d+)$")

LEFT = {
    "unchanged": ("与此前相同", "as before"),
    "superseded": ("被取代", "superseded"),
    "duplicate": ("重复", "duplicate"),
    "retracted": ("撤回", "retracted"),
    "totals_dropped": ("合计行", "totals"),
}
"""Rows of a file that say nothing of their own."""

CONTRIBUTIONS = ("thing", "area", "entity", "numerator", "denominator", "delivery", "feed", "file", "sheet", "row")  # fmt: skip


def formula(receipt: Receipt, lang: str) -> str:
    """How the figure is counted, in words; the sentence stands in the formula's file."""
    statement, policy = receipt.statement, receipt.policy
    if statement.computable != "C":
        text = ("由部门申报：取评估日及以前最近的一次申报。", "Declared by a department: the newest declaration up to the day.")  # fmt: skip
        return words.pick(text, lang)
    if receipt.parts:
        weights = (policy.w_response, policy.w_resolution, policy.w_satisfaction)
        named = [
            f"{weight:g} × {words.name(part.statement, lang)}"
            for weight, part in zip(weights, receipt.parts, strict=True)
        ]
        return f"100 × ({' + '.join(named)})"
    said = counted(statement, lang)
    if statement.kind == "derived" and "query" not in statement.definition:
        above, below = statement.definition["numerator"], statement.definition.get("denominator")
        part = words.pick(words.COUNTED[above], lang)
        of = f" ÷ {words.pick(words.COUNTED[below], lang)}" if below else ""
        said += words.pick((f"本项：{part}{of}。", f" Here: {part}{of}."), lang)
    how = (
        ("数值＝分子之和÷分母之和。", " The value is the sum of numerators over the sum of denominators.")
        if figures.is_ratio(statement)
        else ("数值＝各项之和。", " The value is the sum.")
    )  # fmt: skip
    return said + words.pick(how, lang)


def counted(statement: Statement, lang: str) -> str:
    """The sentence in the head of an indicator's formula; empty if it has none."""
    found = _COUNTED[lang].search(figures.things(figures.formula(statement)))
    return found[1][:1].upper() + found[1][1:] if found else ""


def place(statement: Statement, lang: str) -> str:
    """Where in the chapter the plan says it; empty for what it does not say."""
    if statement.section is None:
        return ""
    found = _PLACE.match(statement.section)
    section, paragraph = found.groups() if found else (statement.section, "")
    zh = f"第一章 {section}" + (f" 第{paragraph}段" if paragraph else "")
    en = f"chapter 1, {section}" + (f", paragraph {paragraph}" if paragraph else "")
    return words.pick((zh, en), lang)


def contracts(receipt: Receipt) -> list[dict[str, Any]]:
    """The contract versions that the files were judged by."""
    files = [file for part in to_rows(receipt) for file in part.files]
    found = {(f.feed, f.contract_version, f.contract_hash) for f in files if f.contract_hash}
    return [
        {"feed": feed, "version": version, "hash": digest}
        for feed, version, digest in sorted(found)
    ]


def to_json(receipt: Receipt) -> dict[str, Any]:
    """The stable shape that other programs rely on."""
    statement, area = receipt.statement, receipt.area
    plan = load_plan()
    return {
        "code": statement.code,
        "name_zh": statement.name_zh,
        "name_en": statement.name_en,
        "unit": statement.unit_zh or statement.unit_en,
        "as_of": receipt.as_of.isoformat(),
        "known_at": receipt.known_at.isoformat() if receipt.known_at else None,
        "seq": receipt.seq,
        "area": {"code": area.code, "name": area.name} if area else None,
        "value": receipt.figure.value,
        "numerator": receipt.figure.numerator,
        "denominator": receipt.figure.denominator,
        "bounds": receipt.bounds.as_dict(),
        "status": receipt.status,
        "provisional": receipt.provisional,
        "reasons": [reason.brief() for reason in receipt.reasons],
        "synthetic": receipt.synthetic,
        "definition": {
            "version": statement.definition_version,
            "zh": formula(receipt, "zh"),
            "en": formula(receipt, "en"),
            "file": _formula_file(statement),
            "parameters": dict(statement.definition),
            "policy": receipt.policy.policy_code if statement.kind == "derived" else None,
        },
        "plan": {
            "quote": statement.quote,
            "quote_sha256": statement.quote_sha256,
            "place_zh": place(statement, "zh"),
            "place_en": place(statement, "en"),
            "stated": statement.stated,
            "position": statement.position,
            "chapter_sha256": plan.chapter_sha256,
        }
        if statement.in_chapter
        else None,
        "contracts": contracts(receipt),
        "files": [asdict(file) for file in receipt.files],
        "sums": dict(zip(("numerator", "denominator"), receipt.sums, strict=True)),
        "kept_out": [_kept(each) for each in receipt.kept_out],
        "things": list(receipt.things),
        "parts": [to_json(part) for part in receipt.parts],
    }


def to_csv(receipt: Receipt) -> str:
    """The contributing rows; the columns numerator and denominator add up to the figure's."""
    parts = receipt.parts or (receipt,)
    rows = (row for part in parts for row in lines(part.statement, part.things))
    return tables.text(CONTRIBUTIONS, rows)


def lines(statement: Statement, things: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """One for each row that a thing comes from; of persons' acts the place in the file stands for the thing."""
    for number, thing in enumerate(things, 1):
        name = "" if statement.kind == "derived" else thing["entity"] or ""
        for source in thing["sources"] or [thing]:
            row = source.get("row")
            yield (
                number, thing["area_name"], name, source["numerator"], source["denominator"],
                source.get("delivery"), source.get("feed"), source.get("file"), source.get("sheet"),
                source.get("row_no") if row is None else row,
            )  # fmt: skip


def to_html(receipt: Receipt, feeds: Mapping[str, tuple[str, str]], lang: str | None = None) -> str:
    """A page that needs no other file, in one language or in both; `feeds` are their names."""
    style = STYLE + (Path(__file__).parent / "templates" / "report.css").read_text("utf-8")
    return environment("etl.report").get_template("receipt.html").render(
        r=receipt, style=style, rows=to_rows(receipt), STATUSES=words.STATUSES, plan=load_plan(),
        lang=lang, langs=[lang] if lang else words.LANGUAGES, zip=zip,
        t=lambda zh, en: _in((zh, en), lang),
        feed=lambda feed: _in(feeds.get(feed, (feed, feed)), lang),
        sentence=lambda reason, each: words.sentence(reason, feeds, each),
        show=lambda value, part: number(value, part, lang or "zh"),
        bounds=lambda each: _between(each.bounds, each, lang),
        formula=formula, place=place, contracts=contracts, definition=words.definition, effect=effect, left=left,
    )  # fmt: skip


def to_rows(receipt: Receipt) -> list[Receipt]:
    """The receipts whose files add up: its parts', or its own."""
    return list(receipt.parts) or [receipt]


def number(value: float | None, receipt: Receipt, lang: str = "zh") -> str:
    """A value as it is printed everywhere, with its unit."""
    return words.amount(value, receipt.statement, lang)


def bounds(receipt: Receipt) -> str:
    """Both bounds; empty where they print alike."""
    return _between(receipt.bounds, receipt)


def effect(kept: KeptOut, receipt: Receipt, lang: str | None = None) -> str:
    """What an answer on this row alone would make of the figure."""
    if kept.effect is None:
        return _in(("不影响", "none"), lang)
    unseen = _in(("印出的数不变", "not as printed"), lang)
    return _between(kept.effect, receipt, lang) or unseen


def left(file: SourceFile, lang: str | None = None) -> str:
    """The rows of a file that are not counted, by why."""
    said = [f"{_in(LEFT[name], lang)} {file.left[name]}" for name in LEFT if name in file.left]
    if file.not_counted:
        why = _in(("他日、他处或定义不计", "other day, area or definition"), lang)
        said.insert(0, f"{why} {file.not_counted}")
    return "; ".join(said) if lang == "en" else "；".join(said)


def _between(found: Bounds, receipt: Receipt, lang: str | None = None) -> str:
    unsure = _in(("不定", "open"), lang)
    low = unsure if found.open_low else printed(found.low, receipt.statement)
    high = unsure if found.open_high else printed(found.high, receipt.statement)
    return "" if low == high and not found.is_open else f"{low} – {high}"


def _in(pair: tuple[str, str], lang: str | None) -> str:
    """The text of a language, or both where they differ."""
    if lang is not None:
        return words.pick(pair, lang)
    return pair[0] if pair[0] == pair[1] else " ".join(pair)


def _formula_file(statement: Statement) -> str | None:
    if not figures.has_query(statement):
        return None
    return f"warehouse/sql/indicators/{figures.formula(statement)}.sql"


def _kept(kept: KeptOut) -> dict[str, Any]:
    return {
        "delivery": kept.delivery,
        "feed": kept.feed,
        "file": kept.file,
        "sheet": kept.sheet,
        "row": kept.row,
        "row_no": kept.row_no,
        "reasons": [reason.as_dict() for reason in kept.reasons],
        "effect": kept.effect.as_dict() if kept.effect else None,
    }
