"""`minsheng feeds template`: the blank workbook of a feed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")


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


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))
