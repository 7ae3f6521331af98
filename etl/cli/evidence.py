"""`minsheng evidence`: one file by which anybody checks every figure of a day."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import click

from etl.cli.options import reading_options
from etl.cli.show import progress


@click.command()
@reading_options()
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="写入的 ZIP 文件 / The ZIP to write.",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")
def evidence(as_of: date | None, known_at: datetime | None, output: Path, as_json: bool) -> None:
    """证据包：每个数字的来源行、文件指纹、契约、SQL、带公式的工作簿与核验程序。 Everything behind the figures, to be verified offline.

    解开后运行 python verify.py（只需 DuckDB）。 Unpack it and run python verify.py, which needs DuckDB only.
    """
    from etl.context import Context
    from etl.evidence import make

    with progress(enabled=not as_json):
        pack = make(Context.of(), output, as_of, known_at)
    if as_json:
        click.echo(json.dumps(asdict(pack), ensure_ascii=False, indent=1, default=str))
        return
    click.echo(
        f"{pack.path}: 截至 as of {pack.as_of}，{pack.figures} 项指标 figures，{pack.rows} 行 rows，"
        f"{pack.files} 个文件 files\nsha256 {pack.sha256}"
    )
