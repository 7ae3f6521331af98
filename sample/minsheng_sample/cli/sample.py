"""`minsheng sample`: synthetic extracts in the shape in which departments send them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from etl.reasons import Catalogue
from minsheng_sample.figures import DEFAULT_SEED

MESSAGES = Catalogue(__file__)

_FIRST, _LAST = 2016, 2030


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--from",
    "first",
    default=2016,
    show_default=True,
    type=click.IntRange(_FIRST, _LAST),
    help="起始年 / First year.",
)
@click.option(
    "--to",
    "last",
    default=2025,
    show_default=True,
    type=click.IntRange(_FIRST, _LAST),
    help="截止年 / Last year.",
)
@click.option(
    "--orders",
    default=60_000,
    show_default=True,
    type=click.IntRange(0),
    help="工单数 / Hotline orders.",
)
@click.option(
    "--seed",
    default=DEFAULT_SEED,
    show_default=True,
    help="随机种子；默认种子得出规划中的数 / The default gives the plan's figures.",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")
def sample(directory: Path, first: int, last: int, orders: int, seed: int, as_json: bool) -> None:
    """生成合成样例数据（非真实数据）。 Write synthetic extracts; none of it is real."""
    from etl.cli.show import progress
    from etl.errors import UsageError
    from minsheng_sample.write import write_sample

    if first > last:
        raise UsageError(MESSAGES.reason("years_reversed"))
    started = time.perf_counter()
    with progress(enabled=not as_json):
        document = write_sample(directory, first=first, last=last, orders=orders, seed=seed)
    summary = _summary(document, directory, time.perf_counter() - started)
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False))
    else:
        _print(summary)


def _summary(document: dict[str, Any], directory: Path, seconds: float) -> dict[str, Any]:
    names = ("synthetic", "label_zh", "label_en", "seed", "from", "to", "orders", "totals")
    return {
        "directory": str(directory),
        "manifest": str(directory / "manifest.json"),
        **{name: document[name] for name in names},
        "trouble": len(document["trouble"]),
        "seconds": round(seconds, 2),
    }


def _print(summary: dict[str, Any]) -> None:
    click.secho(f"{summary['label_zh']}\n{summary['label_en']}", fg="yellow")
    click.echo(f"{summary['directory']}  {summary['from']}–{summary['to']}  seed {summary['seed']}")
    titles = {
        "history": "历史批次 / history",
        "newest": "最新一期 / newest month",
        "repaired": "更正批次 / repaired rows",
    }
    for part, title in titles.items():
        counts = summary["totals"][part]
        click.echo(
            f"  {title:<24}{counts['files']:>4} 个文件 / files{counts['rows']:>9} 行 / rows"
            f"{counts['quarantined']:>6} 应隔离 / to be quarantined"
        )
    click.echo(f"  {'问题文件 / trouble':<24}{summary['trouble']:>4} 个文件 / files")
    click.echo(f"  {summary['manifest']}  {summary['seconds']} s")
