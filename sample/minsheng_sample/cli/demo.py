"""`minsheng demo`: the whole way, on synthetic extracts."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from collections import Counter
from pathlib import Path

import click

from etl.cli.main import run
from etl.cli.show import delivery_line


@click.command()
@click.option("--seed", default=None, type=int, help="样例数据的种子 / Seed of the sample.")
def demo(seed: int | None) -> int:
    """样例数据到评估结果的完整演示。 Synthetic extracts to the plan's evaluation, through Airflow.

    可重复运行：第二次不改变任何数据。 Safe to repeat: a second run changes nothing.
    """
    from etl import ledger, services
    from etl.context import Context
    from etl.settings import Settings
    from minsheng_sample import demo as library
    from minsheng_sample.figures import DEFAULT_SEED

    started = time.monotonic()
    settings = Settings.load()

    def heading(number: int, text: str) -> None:
        click.secho(f"\n[{time.monotonic() - started:5.1f} s] {number}/5 {text}", bold=True)

    heading(1, "合成样例数据 / synthetic extracts")
    library.make_sample(settings.sample, DEFAULT_SEED if seed is None else seed, click.echo)

    heading(2, "历史数据入库（单进程）/ the history, in one process")
    ctx = Context.of(settings)
    before = ledger.newest_commit(ctx)
    history = library.load_history(ctx, settings.sample, lambda d: click.echo(delivery_line(d)))

    heading(3, "启动 Airflow / starting Airflow")
    services.up(settings, click.echo)

    heading(4, "最新一月的文件放入接收目录 / the newest month into the landing zone")
    mark = library.newest_delivery(ctx)
    names = library.drop_newest(ctx, settings.sample)
    click.echo(f"{len(names)} 个文件 / files -> {settings.landing}")
    newest = library.follow(ctx, mark, names, lambda d: click.echo(delivery_line(d)))

    heading(5, "评估 / the evaluation")
    if run(["evaluate"]):
        return 1
    done = [*history, *newest]
    _tell(done, changed=ledger.newest_commit(ctx) > before)
    health = services.status(settings)
    click.echo(
        f"\nAirflow    {health['url']}   用户 user {health['user']}   口令 password: {health['password_file']}"
    )
    command, repaired = _command(), shlex.quote(os.path.relpath(settings.sample / "repaired"))
    click.echo(f"数据库 SQL  {command} db psql")
    click.echo(f"更正 repair {command} ingest {repaired}/*   停止 stop: {command} down")
    from etl.report import build

    report = build(ctx.settings.report, ctx)
    click.echo(f"报告 report {report.index}   {health['report']}")
    click.echo(f"用时 {time.monotonic() - started:.0f} s")
    return 1 if any(d.state not in ("loaded", "duplicate") for d in done) else 0


def _command() -> str:
    """This command line as one types it here."""
    here = Path(sys.executable).with_name("minsheng")
    return "minsheng" if shutil.which("minsheng") == str(here) else os.path.relpath(here)


def _tell(done: list, *, changed: bool) -> None:  # type: ignore[type-arg]
    states = Counter(d.state for d in done)
    rows = {
        name: sum(getattr(d, name) or 0 for d in done)
        for name in ("rows", "loaded", "quarantined", "duplicate")
    }
    click.echo(
        "\n批次 deliveries: " + ", ".join(f"{s} {n}" for s, n in sorted(states.items()))
        + f"\n行 rows: {rows['rows']}，入库 loaded {rows['loaded']}，隔离 quarantined {rows['quarantined']}，"
        f"重复 duplicate {rows['duplicate']}"
    )  # fmt: skip
    if not changed:
        click.secho("与上次相比没有任何改动 / Nothing has changed since the last run.", fg="blue")
