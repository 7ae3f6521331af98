"""`minsheng quarantine`: the rows that were kept out, the workbook for their department, decisions on single rows."""

from __future__ import annotations

import getpass
import json
import textwrap
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from etl.cli.main import HELD
from etl.cli.show import delivery_line
from etl.reasons import Reason, lines

if TYPE_CHECKING:
    from etl.ledger import Delivery
    from etl.quarantine import Entry

_FEED = click.option("--feed", help="只看一个数据源 / Only this feed.")
_DEPARTMENT = click.option("--department", help="只看一个部门 / Only this department.")
_JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")
_DELIVERY = click.option(
    "--delivery", "delivery_id", type=int, help="只看一个批次 / Only this delivery."
)
_ALL = click.option(
    "--all", "everything", is_flag=True, help="包括已处理的 / Also those answered since."
)
_LIMIT = click.option(
    "--limit",
    type=click.IntRange(1),
    help="最多列出多少行；屏幕上默认 200，JSON 默认全部 / At most so many rows; 200 on a terminal, all as JSON.",
)
_SKIP = click.option(
    "--skip", type=click.IntRange(0), default=0, help="跳过前面的行 / Leave out so many first."
)
PAGE = 200
"""Rows of a list on a terminal."""
_STATES = {
    "open": "待处理 open",
    "repaired": "已更正 repaired",
    "accepted": "按原样接受 accepted",
    "withdrawn": "已撤回 withdrawn",
    "superseded": "已由后来的批次取代 superseded",
    "expired": "已过答复期限 expired",
}


@click.group(invoke_without_command=True)
@_FEED
@_DEPARTMENT
@_DELIVERY
@_ALL
@_LIMIT
@_SKIP
@_JSON
@click.pass_context
def quarantine(ctx: click.Context, /, **chosen: Any) -> None:
    """隔离的行：查看、导出修正表、接受、撤回。 Quarantined rows: list, export, accept, withdraw.

    \b
    不带子命令即 list。 Without a subcommand: list.
    """
    if ctx.invoked_subcommand is None:
        _list(**chosen)


@quarantine.command("list")
@_FEED
@_DEPARTMENT
@_DELIVERY
@_ALL
@_LIMIT
@_SKIP
@_JSON
def list_(**chosen: Any) -> None:
    """文件、工作表、行、全部原因、状态；各部门等待天数。 File, sheet, row, every reason, state; days waited."""
    _list(**chosen)


@quarantine.command()
@click.argument("delivery_id", type=int)
@click.argument("row", type=int)
@_JSON
def show(delivery_id: int, row: int, as_json: bool) -> int:
    """一行的全部原因与处理经过。 One row: every reason, and what became of it."""
    from etl.context import Context
    from etl.quarantine import entries

    with Context.of().engine.connect() as connection:
        there = entries(connection, delivery_id=delivery_id, row=row, everything=True)
    if as_json:
        _print_json(there)
    else:
        for entry in there:
            _print_entry(entry)
    return 0 if there else 1


@quarantine.command()
@click.argument("delivery_id", type=int, required=False)
@_FEED
@_DEPARTMENT
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), help="返回期限 / Day by which it is due.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="写入的文件 / File to write, .xlsx.",
)
@_JSON
def export(
    delivery_id: int | None,
    feed: str | None,
    department: str | None,
    due: datetime | None,
    output: Path,
    as_json: bool,
) -> None:
    """导出修正表，交部门填写。 Write the workbook that a department fills in.

    填好后放回投放目录，或 minsheng ingest 此文件。 Filled in, it goes into the landing zone or to `minsheng ingest`.
    """
    from etl.quarantine import export as write

    done = write(
        output,
        feed=feed,
        department=department,
        delivery_id=delivery_id,
        due=due.date() if due else None,
    )
    if as_json:
        told = {
            "file": str(done.path),
            "rows": done.rows,
            "deliveries": done.deliveries,
            "left": done.left,
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(
        f"{done.path}: {done.rows} 行，{len(done.deliveries)} 个批次 / {done.rows} rows of {len(done.deliveries)} deliveries"
    )
    if done.left:
        click.echo(
            f"另有 {done.left} 行，处理后再次导出 / {done.left} rows did not fit: export again after these"
        )


def _decision(name: str, text: str) -> click.Command:
    """A command that decides on rows of a delivery: whose word it is and why go with it."""

    def decide(delivery_id: int, rows: tuple[int, ...], who: str, reason: str) -> int:
        import etl.quarantine

        places = [(delivery_id, row) for row in rows]
        return _ended(getattr(etl.quarantine, name)(places, by=who, reason=reason))

    codes = "\b\n退出码 / Exit codes: 0 已处理, 1 不适用, 2 用法, 3 被暂扣或退回"
    you = "决定人，默认当前用户 / Who decides; default: you."
    return click.Command(
        name,
        callback=decide,
        help=f"{text}\n\n{codes}",
        params=[
            click.Argument(["delivery_id"], type=int),
            click.Argument(["rows"], type=int, nargs=-1, required=True),
            click.Option(["--by", "who"], default=getpass.getuser, help=you),
            click.Option(["--reason"], required=True, help="理由 / Why."),
        ],
    )


quarantine.add_command(
    _decision(
        "accept",
        "按原样接受：值无误，规则不适用。 Load rows as they are: the value is right, the rule does not fit.",
    )
)
quarantine.add_command(
    _decision(
        "withdraw",
        "部门撤回：这些行本不应报送。 The department takes rows back: they should not have been sent.",
    )
)


def _ended(ended: list[Delivery]) -> int:
    for delivery in ended:
        click.echo(delivery_line(delivery))
    states = {delivery.state for delivery in ended}
    return 1 if "failed" in states else HELD if states & {"held", "rejected"} else 0


def _list(*, everything: bool, as_json: bool, limit: int | None, skip: int, **chosen: Any) -> None:
    from etl.context import Context
    from etl.quarantine import ages, count_entries, stream

    most = limit if limit or as_json else PAGE
    with Context.of().engine.connect() as connection:
        listed = stream(connection, everything=everything, most=most, skip=skip, **chosen)
        if as_json:
            _print_json(listed)
            return
        shown = 0
        for entry in listed:
            _print_entry(entry)
            shown += 1
        counts = count_entries(connection, **chosen)
        total = sum(each.entries if everything else each.open for each in counts)
        click.echo(f"共 {total} 行 / {total} rows")
        if skip + shown < total:
            first, last = (skip + 1, skip + shown) if shown else (0, 0)
            click.echo(
                f"列出第 {first}–{last} 行；其余：--skip {last} 或 --json"
                f" / rows {first} to {last} are listed; the others: --skip {last}, or --json"
            )
        for age in ages(counts):
            click.echo(
                f"{age['department']}: 待处理 open {age['open']}，最久 oldest {age['oldest_days']} 天 days，"
                f"中位 median {age['median_days']} 天 days"
            )


def _print_json(entries: Iterable[Entry]) -> None:
    """A list of JSON, written as it is read."""
    before = "["
    for entry in entries:
        text = json.dumps(entry.as_dict(), ensure_ascii=False, indent=1, default=str)
        click.echo(f"{before}\n{textwrap.indent(text, ' ')}", nl=False)
        before = ","
    click.echo("[]" if before == "[" else "\n]")


def _print_entry(entry: Entry) -> None:
    sheet = f" · {entry.sheet}" if entry.sheet else ""
    by = f" #{entry.resolved_by}" if entry.resolved_by else ""
    due = f" 期限 due {entry.due_on}" if entry.due_on and entry.state == "open" else ""
    said = f" {entry.said_by}: {entry.said_why}" if entry.said_by else ""
    click.echo(
        f"#{entry.delivery} {entry.feed} {entry.file}{sheet} 第 {entry.row} 行 row {entry.row}"
        f"  {entry.business_key or '-'}  {_STATES[entry.state]}{due}{by}{said}"
    )
    for reason in entry.reasons:
        click.echo("    " + "  ".join(lines(Reason.of(reason))))
