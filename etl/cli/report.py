"""`minsheng report`: the report that people read, as a static site."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import click

from etl.cli.options import reading_options
from etl.cli.show import progress


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="写入的文件夹，默认为 MINSHENG_HOME 下的 report / Folder; default: report in MINSHENG_HOME.",
)
@click.option(
    "--published",
    "number",
    type=int,
    metavar="N",
    help="已发布的第 N 版，原样 / The published version N, as it was.",
)
@reading_options()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")
def report(
    output: Path | None,
    number: int | None,
    as_of: date | None,
    known_at: datetime | None,
    as_json: bool,
) -> None:
    """评估报告：静态网站、数据表、附表与文稿，中英文，打印即可。 The report: a static site, tables, workbook, document.

    只重写有变化的。 Only what changed is written anew.
    """
    from etl.context import Context
    from etl.publication import published_report
    from etl.report import build

    ctx = Context.of()
    if number is not None:
        if as_of or known_at or output is None:
            raise click.UsageError(
                "--published N 与 -o 同用，不与其他选项同用 / takes -o and nothing else"
            )
        index = str(published_report(ctx, number, output))
        click.echo(json.dumps({"index": index, "version": number}) if as_json else index)
        return
    with progress(enabled=not as_json):
        built = build(output or ctx.settings.report, ctx, as_of, known_at)
    if as_json:
        told = {
            "index": str(built.index),
            "as_of": built.report.evaluation.as_of.isoformat(),
            "files": built.files,
            "written": built.written,
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(f"{built.index}: {built.files} 个文件 files，重写 written {built.written}")
