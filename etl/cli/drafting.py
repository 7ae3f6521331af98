"""`minsheng feeds template`, `new` and `propose`: a blank workbook, a feed drafted from a file, a contract's change."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from etl.errors import UsageError
from etl.reasons import Catalogue

if TYPE_CHECKING:
    from etl.context import Context
    from etl.contract import Contract
    from etl.draft.propose import Proposal
    from etl.draft.reading import Profiled

MESSAGES = Catalogue(__file__)
ASKED = 3
"""Exit code of a draft that a person has to answer questions of."""

_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")
_existing = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("feed")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="写到何处 / The file to write; default: a name under which the feed is recognised.",
)
@_json
def template(feed: str, output: Path | None, as_json: bool) -> None:
    """一个数据源的空白报送表：表头、下拉、格式与填表说明。 The blank workbook of a feed.

    \b
    退出码 / Exit codes: 0 已写出, 1 契约有错或没有这个数据源, 2 用法
    """
    from etl.contract import load_contracts
    from etl.draft.template import file_name, write_template
    from etl.settings import Settings

    contract = load_contracts(Settings.load()).get(feed)
    names: dict[str, list[str]] = {}
    if contract is None or any(field.register for field in contract.fields):
        from etl.context import Context
        from etl.validate import names_of_registers

        ctx = Context.of()
        contract = ctx.contract(feed)  # or why there is none
        with ctx.engine.connect() as connection:
            names = names_of_registers(connection, contract)
    path = write_template(contract, output or Path(file_name(contract)), names)
    if as_json:
        _print_json({"feed": feed, "file": str(path), "file_names": list(contract.file.names)})
    else:
        click.echo(path)


@click.command()
@click.argument("file", type=_existing)
@click.argument("feed", required=False)
@click.option("--id", "feed_id", help="数据源编号 部门.名称 / Id of the feed, DEPARTMENT.NAME.")
@click.option("--target", help="目标表，见 minsheng feeds targets / Table to fill.")
@click.option(
    "--sheet", help="工作表，默认列最多的 / Sheet; default: the one with the most columns."
)
@click.option(
    "-o",
    "--output",
    "--folder",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("my-feeds"),
    show_default=True,
    help="数据源文件夹（MINSHENG_FEEDS）/ The folder of feeds.",
)
@_json
def new(
    file: Path,
    feed: str | None,
    feed_id: str | None,
    target: str | None,
    sheet: str | None,
    folder: Path,
    as_json: bool,
) -> int:
    """由一个文件起草契约与装载查询。 Draft contract and load query from an unknown extract.

    \b
    退出码 / Exit codes: 0 已起草, 1 读不了, 2 用法, 3 已起草但有问题待答（TODO）
    """
    from etl.context import Context
    from etl.decode import members
    from etl.draft.new import draft
    from etl.load.describe import describe_targets

    name = feed_id or feed or ""
    if not re.fullmatch(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*", name):
        raise UsageError(MESSAGES.reason("no_feed_id", found=name))
    department, _, stem = name.partition(".")
    path = folder / department / f"{stem}.yaml"
    if path.exists():
        raise UsageError(MESSAGES.reason("feed_exists", found=path))
    ctx = Context.of()
    with ctx.engine.connect() as connection:
        targets = {each["target"]: each for each in describe_targets(connection)}
    if target is not None and target not in targets:
        raise UsageError(MESSAGES.reason("no_such_target", found=target))
    result = draft(
        file, name, targets, list(ctx.contracts.values()),
        target=target, sheet=sheet, member=members(file)[0],
    )  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(result.yaml, encoding="utf-8")
    query = path.with_suffix(".load.sql")
    query.write_text(result.sql, encoding="utf-8")
    questions = [{"zh": zh, "en": en} for zh, en in result.questions]
    if as_json:
        told = {"feed": name, "contract": str(path), "query": str(query)}
        _print_json({**told, "target": result.target, "questions": questions})
    else:
        click.echo(f"{path}\n{query}")
        _ask(result.questions)
        click.echo(f"minsheng feeds check --database {folder}")
        click.echo(f"minsheng feeds try {file} --contract {path}")
    return ASKED if questions else 0


@click.command("propose")
@click.argument("what", metavar="DELIVERY|FILE")
@click.option("--feed", help="数据源编号 / Feed id; default: the one the file belongs to.")
@click.option("--write", is_flag=True, help="写入契约 / Apply it to the contract.")
@_json
def propose_change(what: str, feed: str | None, write: bool, as_json: bool) -> int:
    """表头变了的批次或文件：起草契约的改动。 The change of a contract for a delivery or file that no longer fits it.

    \b
    退出码 / Exit codes: 0 有改动可用或无需改动, 1 读不了, 2 用法, 3 有问题待答或仍缺必需的列
    """
    from etl.context import Context
    from etl.draft.propose import propose

    ctx = Context.of()
    path, name, member, contract, received = _what(ctx, what, feed)
    proposal = propose(
        contract, path, name=name, member=member, received=received,
        known=ctx.contracts, before=_before(ctx, contract),
    )  # fmt: skip
    if write and proposal.new != proposal.old:
        proposal.write()
    if as_json:
        _print_json(proposal.as_dict() | {"written": write and proposal.new != proposal.old})
    else:
        _show(proposal, what, written=write)
    return ASKED if proposal.questions or proposal.missing else 0


def _what(
    ctx: Context, what: str, feed: str | None
) -> tuple[Path, str, str | None, Contract, date]:
    """Where the bytes are, how the file is called, which contract it is held against, when it was received."""
    from etl import ledger
    from etl.contract import match
    from etl.decode import members
    from etl.receive.unclaimed import best_fit, unclaimed

    if what.isdigit() and not Path(what).exists():
        with ctx.engine.connect() as connection:
            delivery = ledger.get(connection, int(what))
        own = feed or delivery.feed
        if own is None:
            raise UsageError(MESSAGES.reason("whose_delivery", found=what))
        name = delivery.member or delivery.file_name
        return (
            ctx.archived(delivery.sha256),
            name,
            delivery.member,
            ctx.contract(own),
            delivery.received_at.date(),
        )
    path = Path(what)
    if not path.is_file():
        raise UsageError(MESSAGES.reason("no_such_file", found=what))
    member = members(path)[0]
    name = member or path.name
    if feed is not None:
        return path, name, member, ctx.contract(feed), _today()
    contract = match(ctx.contracts, path, ctx.settings.landing, member)
    if contract is None:
        best = best_fit(ctx, path, path.name, member)
        if best is None:
            raise UsageError(unclaimed(ctx, path, member))
        contract = ctx.contract(best[0])
    return path, name, member, contract, _today()


def _before(ctx: Context, contract: Contract) -> Profiled | None:
    """The feed's delivery that was loaded last, if the archive still has its bytes."""
    from etl import ledger
    from etl.draft.reading import under
    from etl.errors import InputProblem

    loaded = [
        each
        for each in ledger.deliveries(ctx, feed=contract.feed)
        if each.state == "loaded" and not each.repairs and ctx.archived(each.sha256).exists()
    ]
    for each in sorted(loaded, key=lambda d: (str(d.period_end), d.delivery_id), reverse=True)[:1]:
        name = each.member or each.file_name
        try:
            return under(
                contract, ctx.archived(each.sha256), name=name, member=each.member
            ).profiled()
        except InputProblem:
            return None
    return None


def _show(proposal: Proposal, what: str, *, written: bool) -> None:
    contract = proposal.contract
    click.echo(f"{proposal.file}  →  {contract.feed}  {contract.path}")
    click.echo(f"契约的列 of the contract: {'、'.join(proposal.expected)}")
    click.echo(f"文件的列 of the file: {'、'.join(proposal.headers)}")
    for pair in proposal.pairs:
        mark = "=" if pair.sure else "?"
        title = contract.by_name[pair.field].title_zh
        click.echo(
            f"  {title} {mark} {pair.header}  {pair.score:.0%}（表头 text {pair.text:.0%}，内容 content"
            f" {pair.content:.0%}：{pair.why}）"
        )
    for title in proposal.missing:
        click.echo(f"  {title} ?  没有相像的列 / no column is like it")
    _ask(proposal.questions)
    if proposal.new == proposal.old:
        click.echo("契约无需改动 / nothing to change in the contract")
        return
    click.echo(proposal.diff, nl=False)
    if not written:
        click.echo(f"minsheng feeds propose {what} --write")
        return
    click.echo(f"已写入 / written: {contract.path}")
    click.echo(f"minsheng feeds check {contract.path}")
    click.echo(f"minsheng release {what}" if what.isdigit() else f"minsheng ingest {what}")


def _ask(questions: list[tuple[str, str]]) -> None:
    for zh, en in questions:
        click.secho(f"待答 to be answered: {zh} / {en}", fg="yellow")


def _today() -> date:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))
