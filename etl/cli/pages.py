"""`minsheng pages`: a static page per delivery, with an index."""

from __future__ import annotations

import json
from pathlib import Path

import click

from etl.cli.show import progress


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="写入的文件夹，默认为 MINSHENG_HOME 下的 pages / Folder; default: pages in MINSHENG_HOME.",
)
@click.option("--delivery", "only", type=int, multiple=True, help="只写这些批次 / Only these.")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")
def pages(output: Path | None, only: tuple[int, ...], as_json: bool) -> None:
    """每个批次一页：来了什么、如何判定、结果如何；静态、双语、可打印。 A page per delivery: static, bilingual, printable.

    只重写有变化的。 Only what changed is written anew.
    """
    from etl.context import Context
    from etl.pages import build

    ctx = Context.of()
    with progress(enabled=not as_json):
        built = build(output or ctx.settings.pages, ctx, only=only)
    if as_json:
        told = {"index": str(built.index), "pages": built.pages, "written": built.written}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(f"{built.index}: {built.pages} 页 pages，重写 written {built.written}")
