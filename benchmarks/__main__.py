"""`python -m benchmarks`: compare the ways; each further measurement is an option."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import click

from benchmarks import compare, extract, guard, peers, picture, place, report, result
from benchmarks.further import beside, large, reading, resend, small, tasks, workbook

_ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
_ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--rows", default=_ROWS, show_default=True, help="行数 / Orders to load (BENCH_ROWS)."
)
@click.option("--rounds", default=_ROUNDS, show_default=True, help="轮数 / Rounds (BENCH_ROUNDS).")
@click.option(
    "--ways",
    default=",".join((*compare.ALTERNATING, *compare.ONCE)),
    show_default=True,
    help="参与对照的做法 / What to compare.",
)
@click.option(
    "--extract",
    "given",
    type=click.Path(path_type=Path, exists=True),
    help="自备抽取文件 / An extract of your own.",
)
@click.option(
    "--profile", is_flag=True, help="一次装载的各语句用时 / Seconds of every statement of one load."
)
@click.option(
    "--memory",
    is_flag=True,
    help="一倍与十倍行数的内存曲线、增量 / Memory at 1 and 10 sizes; deltas.",
)
@click.option(
    "--resend", "resent", is_flag=True, help="百分之一有变的重报 / A resend with 1 % changed."
)
@click.option("--workbook", "book", is_flag=True, help="六万行 XLSX / An XLSX of 60,000 rows.")
@click.option(
    "--reading",
    "read",
    is_flag=True,
    help="五倍行数上的分析查询 / Questions on five times the rows.",
)
@click.option(
    "--small",
    "little",
    is_flag=True,
    help="小处：帮助、千行、DAG 解析 / Help, a thousand rows, DAGs.",
)
@click.option(
    "--side-by-side", "two", is_flag=True, help="两个进程两个数据源 / Two workers, two feeds."
)
@click.option(
    "--tasks", "airflow", is_flag=True, help="Airflow 任务开销 / What Airflow's tasks add."
)
@click.option("--guard", "guarded", is_flag=True, help="记录 CI 护栏 / Record what CI guards.")
@click.option(
    "--keep",
    is_flag=True,
    help="行数较少也写入结果文件 / Write result files below a million rows, too.",
)
def main(
    rows: int,
    rounds: int,
    ways: str,
    given: Path | None,
    profile: bool,
    memory: bool,
    resent: bool,
    book: bool,
    read: bool,
    little: bool,
    two: bool,
    airflow: bool,
    guarded: bool,
    keep: bool,
) -> None:
    """Speed side by side: the limit and what users would pick instead, on the same data in one run.

    性能对照：与极限、与常用工具，同一数据、同一机器、同一次运行。
    """
    result.busy()
    began = time.perf_counter()
    result.keep = keep or guarded or rows >= 1_000_000
    further: dict[str, tuple[bool, Callable[[place.Place], None]]] = {
        "memory": (memory, lambda here: large.measure(here, rows)),
        "resend": (resent, lambda here: resend.measure(here, rows, rounds)),
        "workbook": (book, lambda here: workbook.run(here, min(rows, 60_000), rounds)),
        "reading": (read, lambda here: reading.measure(here, rows * 5)),
        "small": (little, lambda here: small.run(here, rounds)),
        "side by side": (two, lambda here: beside.measure(here, rows // 4, rounds)),
        "guard": (guarded, guard.record),
        "profile": (profile, lambda here: _profile(here, given or extract.orders(rows))),
        # Last: it stops the server when it ends.
        "tasks": (airflow, tasks.measure),
    }
    chosen = {name: work for name, (wanted, work) in further.items() if wanted}
    with place.opened() as here:
        for name, work in chosen.items():
            click.echo(f"== {name}")
            work(here)
        if not chosen:
            _compare(here, given or extract.orders(rows), rounds, ways.split(","))
    report.update()
    click.echo(f"\n共 / in all {time.perf_counter() - began:.0f} s")


def _compare(here: place.Place, path: Path, rounds: int, wanted: list[str]) -> None:
    click.echo(f"抽取 / extract: {path.stat().st_size / 1e6:.0f} MB")
    if set(wanted) - {"limit", "reference", "ours"}:
        peers.environment()
    run = compare.Comparison.prepare(here, path)
    ways = run.alternate([n for n in compare.ALTERNATING if n in wanted], rounds)
    ways |= run.slow([n for n in compare.ONCE if n in wanted])
    result.show(ways)
    if len(ways) == len(compare.ALTERNATING) + len(compare.ONCE):
        result.save(run.delivered, here.version(), ways, peers.versions())
        if result.keep:
            drawn = picture.bars(result.read(result.LATEST))
            (result.FOLDER / "latest.svg").write_text(drawn, encoding="utf-8")


def _profile(here: place.Place, path: Path) -> None:
    from benchmarks import ours

    with here.fresh() as database:
        run = ours.ingest(here, database, [path], "profile")
    click.echo(f"{run.seconds:.2f} s\n{run.report['profile']}")


if __name__ == "__main__":
    main()
