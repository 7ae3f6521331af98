"""`minsheng evaluate`, `reconcile`, `series`: the plan's statements as a table or as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import click

from etl.cli.options import as_day, reading_options
from etl.cli.show import progress

if TYPE_CHECKING:
    from rich.console import Console

    from etl.evaluate import Evaluation, IndicatorValue

_BEIJING = timezone(timedelta(hours=8))
_WIDTH = 170
_COLOURS = {"已完成": "green", "达到时序": "green", "基本达到": "yellow", "滞后": "red"}
_SHOWN_ELSEWHERE = {"no_target", "example_target", "example_declaration", "synthetic_data"}


@click.command()
@reading_options()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")
def reconcile(as_of: date | None, known_at: datetime | None, as_json: bool) -> None:
    """部门数据核对：哪里不符，归谁。 Where departments disagree, and whose it is."""
    from etl.context import Context
    from etl.evaluate import reconcile as library
    from etl.evaluate.run import Reading, reading, schedules

    ctx = Context.of()
    with reading(ctx) as connection:
        found = library.reconcile(Reading(connection, schedules(ctx), as_of, known_at))
    if as_json:
        _print_json([each.as_dict() for each in found])
        return
    for each in found:
        check = each.check
        click.echo(
            f"{check.name_zh} / {check.name_en}（{check.owner}）\n  {each.area_name} {each.entity}: "
            f"{check.left_zh} {each.left:g}, {check.right_zh} {each.right:g}"
        )
    click.echo(f"不符 disagreements: {len(found)}")


@click.command()
@reading_options()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")
@click.option(
    "--hotline", is_flag=True, help="加上热线派生指标 / Add the hotline's derived measures."
)
@click.option("--policy", metavar="CODE", help="三率考核口径 / Score policy of the hotline.")
@click.option(
    "--definition",
    metavar="VERSION",
    help="按此版本的定义（有该版本的指标）/ Count by this version, where an indicator has it.",
)
@click.option("--save", is_flag=True, help="存入仓库供报表读取 / Keep it in the warehouse.")
def evaluate(
    as_of: date | None,
    known_at: datetime | None,
    as_json: bool,
    hotline: bool,
    policy: str | None,
    definition: str | None,
    save: bool,
) -> None:
    """规划指标评估：数值、基期、进度、状态与原因。 Evaluate the plan's statements."""
    from etl import evaluate as library

    if definition is not None and save:
        raise click.UsageError("--definition 与 --save 不能同用 / exclude each other")
    # What is kept is whole, whatever is shown: there is one evaluation a commit, day and policy.
    with progress(enabled=not as_json):
        evaluation = library.evaluate(
            as_of, known_at, hotline=hotline or save, policy=policy, definition=definition
        )
        number = _save(evaluation) if save else None
    if save and not hotline:
        shown = tuple(
            indicator for indicator in evaluation.indicators if indicator.statement.in_chapter
        )
        evaluation = replace(evaluation, indicators=shown)
    if as_json:
        _print_json(evaluation.to_json())
        return
    _print_table(evaluation)
    if save:
        click.echo(
            f"已保存为评估 #{number} / kept as evaluation #{number}"
            if number
            else "此前已保存 / kept before"
        )


def _save(evaluation: Evaluation) -> int | None:
    from etl import evaluate as library
    from etl.context import Context
    from etl.database.seed import seed
    from etl.evaluate.revisions import keep_revisions
    from etl.evaluate.run import schedules

    ctx = Context.of()
    with ctx.engine.begin() as connection:
        seed(connection)
        number = library.save(connection, evaluation)
        if number is not None:
            keep_revisions(connection, schedules(ctx), number)
    return number


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def _console() -> Console:
    from rich.console import Console

    shown = Console(highlight=False)
    return (
        shown
        if sys.stdout.isatty() and shown.width >= 120
        else Console(width=_WIDTH, highlight=False)
    )


def _print_table(evaluation: Evaluation) -> None:
    from rich import box
    from rich.table import Table

    console = _console()
    known = (
        evaluation.known_at.astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M:%S")
        if evaluation.known_at
        else "-"
    )
    console.print(
        f"评估时点 as of {evaluation.as_of}   已知时间 known at {known}   提交 commit {evaluation.seq}"
    )
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False)
    table.add_column("指标 / Indicator", min_width=46, overflow="fold")
    for heading in (
        "数值\nValue",
        "基期 ± 舍入\nBaseline",
        "差\nDifference",
        "目标\nTarget",
        "进度/时序\nProgress",
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("完整度\nComplete", justify="right", no_wrap=True)
    table.add_column("状态\nStatus", no_wrap=True)
    table.add_column("原因 / Reasons", overflow="fold", ratio=1)
    for indicator in evaluation.indicators:
        table.add_row(*_cells(indicator, at_baseline=evaluation.at_baseline))
    console.print(table)
    if not evaluation.at_baseline:
        console.print(
            "基期为2020年末（流量为2016至2020年合计），与本时点数值不可直接比较，差额仅供参考。\n"
            "Baselines stand for the end of 2020 (flows: 2016 to 2020); differences at this day are movements, not errors."
        )
    if evaluation.synthetic:
        console.print(
            "含合成数据、示例申报或示例目标，不代表任何官方数据。\n"
            "Synthetic data, example declarations or example targets are in here: nothing official.",
            style="bold yellow",
        )


def _cells(indicator: IndicatorValue, *, at_baseline: bool) -> tuple[str, ...]:
    from rich.markup import escape

    statement = indicator.statement
    reasons = [reason for reason in indicator.reasons if reason.code not in _SHOWN_ELSEWHERE]
    example = any(reason.code == "example_target" for reason in indicator.reasons)
    progress = "/".join(
        "-" if p is None else f"{p:.0%}" for p in (indicator.progress, indicator.time_progress)
    )
    colour = _COLOURS.get(indicator.status, "dim")
    agrees = {True: " ✓", False: " ✗", None: ""}[indicator.agrees] if at_baseline else ""
    return (
        escape(f"{statement.code}\n{statement.name_zh}\n{statement.name_en}"),
        _number(indicator.value, indicator)
        + (" *" if indicator.provisional else "")
        + _bounds(indicator),
        _baseline(indicator),
        (
            ""
            if indicator.difference is None
            else _number(indicator.difference, indicator, sign=True)
        )
        + agrees,
        _number(indicator.target, indicator) + ("\n示例 example" if example else ""),
        "" if progress == "-/-" else progress,
        "" if indicator.completeness is None else f"{indicator.completeness:.0%}",
        f"[{colour}]{indicator.status}[/]",
        escape("\n".join((*(r.message_zh for r in reasons), *(r.message_en for r in reasons)))),
    )


def _baseline(indicator: IndicatorValue) -> str:
    statement = indicator.statement
    if statement.value is None:
        return statement.stated or ""
    text = ("≥" if statement.comparator == "gte" else "") + _number(statement.value, indicator)
    return f"{text} ±{_number(statement.half_width, indicator)}" if statement.half_width else text


def _bounds(indicator: IndicatorValue) -> str:
    bounds = indicator.bounds
    low, high = (_number(end, indicator) for end in (bounds.low, bounds.high))
    if low == high and not bounds.is_open:
        return ""
    ends = ("?" if bounds.open_low else low, "?" if bounds.open_high else high)
    return f"\n[{ends[0]}, {ends[1]}]"


def _number(value: float | None, indicator: IndicatorValue, *, sign: bool = False) -> str:
    from etl.evaluate.result import printed

    return printed(value, indicator.statement, sign=sign)


@click.command()
@click.option("--code", metavar="CODE", help="只算这一指标 / Only this indicator.")
@click.option(
    "--from", "first", callback=as_day, metavar="DATE", help="自此日起 / From this day on."
)
@click.option("--to", "last", callback=as_day, metavar="DATE", help="至此日 / Up to this day.")
def series(code: str | None, first: date | None, last: date | None) -> None:
    """更新指标序列（bi.indicator_series）：只算有变化的。 Bring the series up to date."""
    from etl import evaluate as library

    with progress():
        done = library.build_series(code=code, first=first, last=last)
    _print_json(done)
