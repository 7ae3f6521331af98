"""`minsheng deliveries`, `release`, `reject`, `retry`: reading the ledger and deciding."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from etl.cli.main import HELD
from etl.cli.show import delivery_line, reason_line

if TYPE_CHECKING:
    from etl.context import Context
    from etl.reasons import Reason


@click.command()
@click.option("--feed", help="只看一个数据源 / Only this feed.")
@click.option("--state", help="只看一种状态 / Only this state.")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")
def deliveries(feed: str | None, state: str | None, as_json: bool) -> None:
    """批次台账。 The ledger: every arrival and what became of it."""
    from etl import ledger
    from etl.context import Context

    ctx = Context.of()
    listed = ledger.deliveries(ctx, feed=feed, state=state)
    if as_json:
        click.echo(
            json.dumps([d.as_dict() for d in listed], ensure_ascii=False, indent=1, default=str)
        )
    else:
        kept_out = ledger.kept_out(ctx, listed)
        for delivery in listed:
            click.echo(delivery_line(delivery, kept_out.get(delivery.delivery_id, ())))
        click.echo(f"共 {len(listed)} 个批次 / {len(listed)} deliveries")
        for reason in _unattended(ctx):
            click.echo(reason_line(reason))


def _unattended(ctx: Context) -> Iterator[Reason]:
    """What nobody works on: deliveries left on their way, things in the landing zone that are no files."""
    from etl.ledger import left_behind
    from etl.ledger.states import MESSAGES
    from etl.sources import passed_over

    if left := left_behind(ctx):
        numbers = ", ".join(f"#{delivery.delivery_id} {delivery.state}" for delivery in left)
        yield MESSAGES.reason("left_behind", numbers=numbers)
    yield from passed_over(ctx.settings)


@click.command()
@click.argument("delivery_ids", nargs=-1, required=True, type=int)
@click.option(
    "--by", "who", default=getpass.getuser, help="决定人，默认当前用户 / Who decides; default: you."
)
def release(delivery_ids: tuple[int, ...], who: str) -> int:
    """放行暂扣的批次并入库。 Let held deliveries pass, and load them."""
    from etl import ledger
    from etl.context import Context
    from etl.ingest import carry

    ctx = Context.of()
    ended = [carry(ledger.release(number, who, ctx), ctx) for number in delivery_ids]
    for delivery in ended:
        click.echo(delivery_line(delivery))
    return 0 if all(d.state in ("loaded", "duplicate") for d in ended) else 1


@click.command()
@click.argument("delivery_ids", nargs=-1, required=True, type=int)
@click.option(
    "--by", "who", default=getpass.getuser, help="决定人，默认当前用户 / Who decides; default: you."
)
def reject(delivery_ids: tuple[int, ...], who: str) -> None:
    """退回暂扣的批次；原件仍在档案中。 Refuse held deliveries; the bytes stay in the archive."""
    from etl import ledger
    from etl.context import Context

    for number in delivery_ids:
        click.echo(delivery_line(ledger.reject(number, who, Context.of())))


@click.command()
@click.argument("delivery_ids", nargs=-1, required=True, type=int)
@click.option("--json", "as_json", is_flag=True, help="输出回执 JSON / Print receipts as JSON.")
def retry(delivery_ids: tuple[int, ...], as_json: bool) -> int:
    """故障排除后，使批次从头再来；中途停下的批次继续。 Let failed deliveries go on, and those left on their way.

    \b
    退出码 / Exit codes: 0 已入库或重复, 1 再次失败或不适用, 2 用法, 3 被暂扣或退回
    """
    from etl import ledger
    from etl.context import Context
    from etl.ingest import carry

    ctx = Context.of()
    ended = [carry(ledger.retry(number, ctx), ctx) for number in delivery_ids]
    if as_json:
        receipts = [delivery.receipt() for delivery in ended]
        click.echo(json.dumps(receipts, ensure_ascii=False, indent=1, default=str))
    else:
        for delivery in ended:
            click.echo(delivery_line(delivery))
    states = {delivery.state for delivery in ended}
    return 1 if "failed" in states else HELD if states & {"held", "rejected"} else 0
