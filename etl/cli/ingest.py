"""`minsheng ingest`."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click

from etl.cli.main import HELD
from etl.cli.show import delivery_line, progress, reason_line
from etl.reasons import ERROR, Reason


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--feed",
    help="数据源编号，文件名和文件夹认不出时使用 / Feed id, where name and folder do not tell.",
)
@click.option("--json", "as_json", is_flag=True, help="输出回执 JSON / Print receipts as JSON.")
@click.option(
    "--profile",
    is_flag=True,
    help="打印各步骤与各语句用时 / Print seconds per step and SQL statement.",
)
def ingest(paths: tuple[Path, ...], feed: str | None, as_json: bool, profile: bool) -> int:
    """接收、暂存、校验、入库。 Receive, stage, validate and load files or folders.

    \b
    退出码 / Exit codes: 0 完成（隔离的行会列出）, 1 失败, 2 用法, 3 有批次被暂扣或退回，或有文件被略过
    """
    from etl import ingest as library
    from etl import ledger
    from etl.context import Context
    from etl.ledger import Delivery
    from etl.profile import profiled

    def show(delivery: Delivery) -> None:
        if not as_json:
            reasons = ledger.kept_out(ctx, [delivery]).get(delivery.delivery_id, ())
            click.echo(delivery_line(delivery, reasons))

    def tell(reason: Reason) -> None:
        troubles.append(reason)
        click.echo(reason_line(reason), err=True)

    troubles: list[Reason] = []
    with progress(enabled=not as_json):
        ctx = Context.of()
        with profiled(ctx.engine, enabled=profile) as report:
            done = library.ingest(paths, feed=feed, ctx=ctx, progress=show, trouble=tell)
    if profile:
        click.echo(report.text(), err=True)
    if as_json:
        click.echo(
            json.dumps([d.receipt() for d in done], ensure_ascii=False, indent=1, default=str)
        )
    else:
        click.echo(_summary(done))
    states = {d.state for d in done}
    if "failed" in states or any(reason.severity == ERROR for reason in troubles):
        return 1
    return HELD if troubles or states & {"held", "rejected"} else 0


def _summary(done: list) -> str:  # type: ignore[type-arg]
    from etl.ledger import COUNTS

    states = Counter(d.state for d in done)
    rows: Counter[str] = Counter()
    for d in done:
        for name in ("rows", *COUNTS, "closed"):
            rows[name] += getattr(d, name) or 0
    changed = rows["loaded"] + rows["retracted"] + rows["closed"]
    text = (
        f"批次 deliveries {len(done)}: " + ", ".join(f"{s} {n}" for s, n in sorted(states.items()))
        + "\n行 rows " + ", ".join(f"{name} {count}" for name, count in rows.items())
    )  # fmt: skip
    return text if changed else text + "\n没有任何改动 / Nothing was changed."
