"""`minsheng deliveries`, `preview`, `release`, `reject`, `withdraw`, `retry`: reading the ledger and deciding."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from etl.cli.main import HELD
from etl.cli.show import delivery_line, progress, reason_line

if TYPE_CHECKING:
    from etl.context import Context
    from etl.preview import Effect, Verdicts
    from etl.reasons import Reason

_WHY = click.option("--reason", help="理由 / Why.")
_WHO = click.option(
    "--by", "who", default=getpass.getuser, help="决定人，默认当前用户 / Who decides; default: you."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")


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
@_WHO
@_WHY
def release(delivery_ids: tuple[int, ...], who: str, reason: str | None) -> int:
    """放行暂扣的批次并入库；先看后果用 minsheng preview。 Let held deliveries pass, and load them.

    \b
    minsheng preview N 先看放行的后果 / shows first what a release would do
    """
    from etl import ledger
    from etl.context import Context
    from etl.ingest import carry

    ctx = Context.of()
    ended = [carry(ledger.release(number, who, ctx, reason=reason), ctx) for number in delivery_ids]
    for delivery in ended:
        click.echo(delivery_line(delivery))
    return 0 if all(d.state in ("loaded", "duplicate") for d in ended) else 1


@click.command()
@click.argument("delivery_ids", nargs=-1, required=True, type=int)
@_WHO
@_WHY
def reject(delivery_ids: tuple[int, ...], who: str, reason: str | None) -> None:
    """退回暂扣的批次；原件仍在档案中。 Refuse held deliveries; the bytes stay in the archive."""
    from etl import ledger
    from etl.context import Context

    for number in delivery_ids:
        click.echo(delivery_line(ledger.reject(number, who, Context.of(), reason=reason)))


@click.command()
@click.argument("delivery_id", type=int)
@_JSON
def preview(delivery_id: int, as_json: bool) -> int:
    """放行暂扣批次的后果：新增、更改、关闭的行，变动的指标。 What the release of a held delivery would do.

    \b
    由真实的入库算出，随后全部撤销。 Computed by the real load, and all of it undone.
    退出码 / Exit codes: 0 会入库, 1 不适用, 2 用法, 3 仍会被暂扣、退回或失败
    """
    from etl.preview import preview as look

    with progress(enabled=not as_json):
        effect = look(delivery_id)
    _show_effect(effect, as_json)
    return 0 if effect.state == "loaded" else HELD


@click.command()
@click.argument("delivery_id", type=int)
@_WHO
@click.option("--reason", required=True, help="理由 / Why.")
@click.option("--preview", "only_look", is_flag=True, help="只看后果 / Only show what it would do.")
@click.option("--yes", is_flag=True, help="不再询问 / Do not ask.")
@_JSON
def withdraw(
    delivery_id: int, who: str, reason: str, only_look: bool, yes: bool, as_json: bool
) -> int:
    """撤销已入库的批次：恢复为没有它时的所知，此前的读数不变。 Take a loaded delivery back.

    \b
    先显示后果；在终端中会询问。 Shows first what it would do; on a terminal it asks.
    同样的内容再次到达时先暂扣。 The same content is held when it comes again.
    退出码 / Exit codes: 0 已撤销, 1 不适用, 2 用法, 3 未撤销（只看后果、或回答了否）
    """
    from etl.preview import withdraw as take_back

    asks = sys.stdin.isatty() and not (yes or as_json)
    keep = not (only_look or asks)
    with progress(enabled=not as_json):
        effect = take_back(delivery_id, by=who, reason=reason, keep=keep)
    _show_effect(effect, as_json)
    if asks and not only_look and click.confirm("撤销 / Withdraw?"):
        take_back(delivery_id, by=who, reason=reason)
        keep = True
    if not (keep or as_json):
        click.echo("未作改动 / nothing was changed")
    return 0 if keep else HELD


@click.command()
@click.argument("delivery_ids", nargs=-1, required=True, type=int)
@click.option(
    "--contract",
    help="契约文件，或台账中契约哈希的开头；默认为现行契约 / A file, or the beginning of a hash; default: the present one.",
)
@_JSON
def validate(delivery_ids: tuple[int, ...], contract: str | None, as_json: bool) -> int:
    """用某一版契约重新校验归档批次，与台账中的结论比较；不改动仓库。 Judge archived deliveries by a contract.

    \b
    规则启用之前，先在一年的批次上试。 Try a rule on a year of deliveries before it is switched on.
    退出码 / Exit codes: 0 结论相同, 1 不适用, 2 用法, 3 结论有别 / verdicts differ
    """
    from etl.context import Context
    from etl.preview import chosen_contract, judge_again

    ctx = Context.of()
    told = []
    for number in delivery_ids:
        with progress(enabled=not as_json):
            told.append(judge_again(number, chosen_contract(ctx, number, contract), ctx))
        if not as_json:
            _show_verdicts(told[-1])
    if as_json:
        click.echo(json.dumps([v.as_dict() for v in told], ensure_ascii=False, indent=1))
    return HELD if any(v.differences or v.state != "validated" for v in told) else 0


def _show_verdicts(verdicts: Verdicts) -> None:
    click.echo(
        f"#{verdicts.delivery} {verdicts.feed} {verdicts.period or '-'}  {verdicts.rows} 行 rows:"
        f" 隔离 kept out {verdicts.kept_out_before} → {verdicts.kept_out_after}  {verdicts.state}"
        f"  ({(verdicts.judged_by or '-')[:12]} → {verdicts.contract[:12]})"
    )
    for each in verdicts.differences:
        more = [f"+ 行 rows {', '.join(map(str, each.kept_out))}"] if each.kept_out else []
        less = [f"- 行 rows {', '.join(map(str, each.let_pass))}"] if each.let_pass else []
        click.echo(f"    {each.rule}: {each.before} → {each.after}  {'  '.join([*more, *less])}")
    if verdicts.state != "validated":
        for reason in verdicts.reasons:
            click.echo(f"    {reason_line(reason)}")


def _show_effect(effect: Effect, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(effect.as_dict(), ensure_ascii=False, indent=1, default=str))
        return
    for line in effect.lines():
        click.echo(line)


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
