"""`minsheng receipt`: what one figure consists of."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from etl.cli.options import reading_options
from etl.cli.show import progress, table

if TYPE_CHECKING:
    from etl.evaluate import Receipt

_MOST = 20
"""Rows in quarantine that a terminal shows."""


@click.command()
@click.argument("code")
@reading_options(area=True)
@click.option("--policy", metavar="CODE", help="三率考核口径 / Score policy of the hotline.")
@click.option("--definition", metavar="VERSION", help="按此版本的定义 / Count by this version.")
@click.option("--json", "form", flag_value="json", help="全部内容 / All of it, as JSON.")
@click.option("--csv", "form", flag_value="csv", help="来源行，合计即数值 / The rows; they add up.")
@click.option("--html", "form", flag_value="html", help="一页网页 / A page of its own.")
def receipt(
    code: str,
    as_of: date | None,
    known_at: datetime | None,
    area: str | None,
    policy: str | None,
    definition: str | None,
    form: str | None,
) -> None:
    """一个数字的凭据：计法、来源文件与行、隔离行及其影响、规划原文。 What a figure consists of.

    计入的按文件列出，合计即数值。 By file, adding up to the figure; what was kept out, why, and what it would change.
    """
    from etl import evaluate as library
    from etl.report import receipt as shown

    with progress(enabled=form is None):
        made = library.receipt(
            code, as_of, known_at, area=area, policy=policy, definition=definition
        )
    if form == "json":
        click.echo(json.dumps(shown.to_json(made), ensure_ascii=False, indent=1, default=str))
    elif form == "csv":
        click.echo(shown.to_csv(made), nl=False)
    elif form == "html":
        from etl.context import Context

        click.echo(shown.to_html(made, Context.of().feed_names))
    else:
        _print(made)


def _print(made: Receipt) -> None:
    from etl.plan import load_plan
    from etl.report import receipt as shown
    from etl.report import words

    statement = made.statement
    click.echo("\n".join(_head(made)))
    click.echo(f"\n计法 {shown.formula(made, 'zh')}\nFormula: {shown.formula(made, 'en')}")
    for label, text in words.definition(statement, load_plan(), "zh"):
        click.echo(f"  {label}：{text}")
    for each in shown.contracts(made):
        click.echo(f"契约 contract {each['feed']} {each['version']}  {each['hash'][:12]}")
    for part in shown.to_rows(made):
        title = f"{part.statement.name_zh} {part.statement.name_en} " if made.parts else ""
        click.echo(f"\n{title}= {shown.number(part.figure.value, part)}")
        if part.files:
            table(
                ("来源文件 File", "报告期 Period", "行数 Rows", "分子 Adds", "分母 Of", "行号 Lines", "未计入 Not counted"),
                _files(part),
            )  # fmt: skip
        if part.kept_out:
            click.echo("\n隔离中的行 Rows in quarantine")
            table(("行 Row", "原因 Reasons", "单独答复时的值 Figure if answered"), _kept(part))
            if len(part.kept_out) > _MOST:
                rest = len(part.kept_out) - _MOST
                click.echo(f"另有 {rest} 行，用 --json / {rest} more: --json")


def _head(made: Receipt) -> Iterable[str]:
    from etl.report import receipt as shown
    from etl.report import words

    statement, figure = made.statement, made.figure
    where = f"  {made.area.name} {made.area.code}" if made.area else ""
    yield f"{statement.code}  {statement.name_zh} / {statement.name_en}{where}"
    yield (
        f"截至 as of {made.as_of}   所知时点 known at {made.known_at:%Y-%m-%d %H:%M:%S}   提交 commit {made.seq}"
        f"   定义 definition {statement.definition_version}"
    )
    said = [shown.number(figure.value, made)]
    if figure.denominator is not None:
        said.append(f"{figure.numerator:,.10g} ÷ {figure.denominator:,.10g}")
    if shown.bounds(made):
        said.append(f"界限 bounds [{shown.bounds(made)}]")
    if made.status:
        said.append(f"{made.status} {words.STATUSES[made.status][1]}")
    if made.provisional:
        said.append("暂定 provisional")
    yield "   ".join(said)
    if statement.quote:
        yield f"规划 plan “{statement.quote}”  {shown.place(statement, 'zh')} / {shown.place(statement, 'en')}"
    for reason in made.reasons:
        yield f"  {reason.message_zh} / {reason.message_en}"
    if made.synthetic:
        yield "含合成或示例数据，不代表任何官方数据 / Synthetic or example data: nothing official"


def _files(part: Receipt) -> Iterable[tuple[str, ...]]:
    from etl.report import receipt as shown

    for file in part.files:
        sheet = f" [{file.sheet}]" if file.sheet else ""
        yield (
            f"#{file.delivery} {file.file}{sheet}" if file.delivery else "—",
            f"{file.period_start}..{file.period_end}" if file.period_end else "—",
            f"{file.rows:,}",
            f"{file.numerator:,.10g}",
            "" if file.denominator is None else f"{file.denominator:,.10g}",
            file.lines,
            shown.left(file),
        )
    above, below = part.sums
    rows = sum(file.rows for file in part.files)
    yield (
        "合计 Sum",
        "",
        f"{rows:,}",
        f"{above:,.10g}",
        "" if below is None else f"{below:,.10g}",
        "",
        "",
    )


def _kept(part: Receipt) -> Iterable[tuple[str, ...]]:
    from etl.report import receipt as shown

    for kept in part.kept_out[:_MOST]:
        sheet = f" [{kept.sheet}]" if kept.sheet else ""
        yield (
            f"#{kept.delivery} {kept.file}{sheet} 行 row {kept.row}",
            "；".join(f"{reason.message_zh} / {reason.message_en}" for reason in kept.reasons),
            shown.effect(kept, part),
        )
