"""`minsheng feeds targets`, `try` and `suite`: what the author of a feed asks before its first delivery."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from etl.cli.show import table
from etl.errors import UsageError
from etl.reasons import Catalogue

MESSAGES = Catalogue(__file__)

_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")


@click.command()
@click.argument("name", required=False)
@_json
def targets(name: str | None, as_json: bool) -> None:
    """目标表及其列：类型、含义、要哪种编号。 The tables that a load query may fill, and their columns."""
    from etl.context import Context
    from etl.load.describe import describe_targets

    with Context.of().engine.connect() as connection:
        described = describe_targets(connection)
    if name is not None:
        described = [target for target in described if target["target"] == name]
        if not described:
            raise UsageError(MESSAGES.reason("no_such_target", found=name))
    if as_json:
        _print_json(described)
    elif name is None:
        rows = [(t["target"], t["meaning"], str(len(t["columns"]))) for t in described]
        table(("目标表 target", "含义 meaning", "列 columns"), rows)
    else:
        click.echo(f"{name}  {described[0]['meaning']}")
        table(
            ("列 column", "类型 type", "必给 needed", "编号 ids of", "含义 meaning"),
            [
                (c["name"], c["type"], "主键 key" if c["key"] else "是 yes" if c["needed"] else "", c["ids"] or "", c["meaning"])
                for c in described[0]["columns"]
            ],
        )  # fmt: skip


@click.command()
@click.argument("feed")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="写到文件 / The file to write; default: standard output.",
)
def suite(feed: str, output: Path | None) -> None:
    """一个数据源的期望套件（JSON），Great Expectations 可直接打开。 The feed's suite, for plain Great Expectations.

    放进 gx/expectations/ 即可：登记名称按此刻所知写入；普通 GX 表达不了的，见 meta.minsheng。
    Put it into gx/expectations/; what plain Great Expectations cannot express stands in meta.minsheng.
    """
    from etl.context import Context
    from etl.validate.suite import suite_of

    ctx = Context.of()
    contract = ctx.contract(feed)
    with ctx.engine.connect() as connection:
        text = json.dumps(suite_of(connection, contract), ensure_ascii=False, indent=1, default=str)
    if output is None:
        click.echo(text)
    else:
        output.write_text(text + "\n", encoding="utf-8")
        click.echo(output)


@click.command("try")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--feed", help="数据源编号 / Feed id.")
@click.option(
    "--contract",
    "contract_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="契约文件，可不在数据源文件夹中 / A contract file, in a feeds folder or not.",
)
@_json
def try_file(file: Path, feed: str | None, contract_path: Path | None, as_json: bool) -> int:
    """试报一个文件：暂存、校验、入库后全部撤销。 Stage, judge and load a file, and undo all of it.

    \b
    退出码 / Exit codes: 0 会入库（隔离的行会列出）, 2 用法, 3 会被暂扣、退回或失败
    """
    from etl.cli.main import HELD
    from etl.context import Context
    from etl.contract import match, read_contract
    from etl.decode import members
    from etl.load.rehearsal import rehearse

    ctx = Context.of()
    results = []
    for member in members(file, name=file.name):
        if contract_path is not None:
            contract = read_contract(contract_path.resolve())
        elif feed is not None:
            contract = ctx.contract(feed)
        else:
            found = match(ctx.contracts, file, ctx.settings.landing, member)
            if found is None:
                from etl.receive.unclaimed import unclaimed

                raise UsageError(unclaimed(ctx, file, member))
            contract = found
        results.append(rehearse(file, contract, ctx, member))
    if as_json:
        _print_json(results[0] if len(results) == 1 else results)
    else:
        for result in results:
            _show(result)
    return 0 if all(result["state"] == "loaded" for result in results) else HELD


def _show(result: dict[str, Any]) -> None:
    words = {"loaded": "会入库 would be loaded", "held": "会被暂扣 would be held"}
    state = words.get(result["state"], result["state"])
    click.echo(
        f"{result['file']}  {result['feed']}  {result['period'] or '-'}  {result['mode']}: {state}"
    )
    if "counts" in result:
        click.echo("  " + ", ".join(f"{name} {n}" for name, n in result["counts"].items()))
    for reason in result["reasons"]:
        place = f" [{reason['found']}]" if reason.get("found") else ""
        click.echo(f"  - {reason['rule']}: {reason['message_zh']} {reason['message_en']}{place}")
    if result.get("quarantine"):
        click.echo()
        table(
            ("隔离原因 rule", "行数 rows", "例 found", "内容", "meaning"),
            [
                (
                    q["rule"],
                    str(q["rows"]),
                    q["found"] or "",
                    q["message_zh"] or "",
                    q["message_en"] or "",
                )
                for q in result["quarantine"]
            ],
        )
    for name, rows in result.get("star", {}).items():
        click.echo(f"\n{name}")
        columns = list(dict.fromkeys(column for row in rows for column in row))
        table(columns, [[str(row.get(column, "")) for column in columns] for row in rows])
    click.echo(
        f"\n已全部撤销，用时 {result['seconds']} 秒 / all of it undone, {result['seconds']} s"
    )


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))
