"""`minsheng compare`: a figure at two readings, movement and revision apart, revision by cause."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from etl.cli.options import as_day, as_moment, reading_options
from etl.cli.show import progress

if TYPE_CHECKING:
    from etl.evaluate.comparison import Asked


@click.command()
@click.argument("code", required=False)
@click.option(
    "--from-as-of",
    callback=as_day,
    metavar="DATE",
    help="第一次读取的时点，默认同 --as-of / The first reading's day; that of --as-of unless given.",
)
@click.option(
    "--from-known-at",
    callback=as_moment,
    metavar="TIME",
    help="第一次读取的已知时间，默认同 --known-at / When the first reading knew.",
)
@click.option(
    "--from-published",
    type=int,
    metavar="N",
    help="第一次读取为已发布的第 N 版 / The first reading is that of a published version.",
)
@click.option(
    "--published",
    type=int,
    metavar="M",
    help="第二次读取为已发布的第 M 版 / The second reading is that of a published version.",
)
@reading_options()
@click.option(
    "--area",
    metavar="TOWN",
    help="只看一个镇街，各按当日区划 / Only this town, in the boundaries of each reading's day.",
)
@click.option("--from-definition", metavar="VERSION", help="第一次读取按此版本的定义 / Definition of the first reading.")  # fmt: skip
@click.option("--definition", metavar="VERSION", help="第二次读取按此版本的定义 / Definition of the second reading.")  # fmt: skip
@click.option("--policy", metavar="CODE", help="三率考核口径 / Score policy of the hotline.")
@click.option("--hotline", is_flag=True, help="加上热线派生指标 / Add the hotline's derived measures.")  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="没有变化的也列出 / Also figures that are the same.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")
def compare(
    code: str | None,
    from_as_of: date | None,
    from_known_at: datetime | None,
    from_published: int | None,
    published: int | None,
    as_of: date | None,
    known_at: datetime | None,
    area: str | None,
    from_definition: str | None,
    definition: str | None,
    policy: str | None,
    hotline: bool,
    everything: bool,
    as_json: bool,
) -> int:
    """比较两次读取：实际变动与数据修订分开，修订按原因。 What changed between two readings, and why."""
    from etl.evaluate.comparison import Asked
    from etl.evaluate.comparison import compare as library
    from etl.evaluate.told import in_words

    _apart("--from-published", from_published, from_as_of, from_known_at, from_definition)
    _apart("--published", published, as_of, known_at, definition, policy)
    if published is not None:
        second = _published(published)
    else:
        second = Asked(as_of, known_at, definition, policy)
    if from_published is not None:
        first = _published(from_published)
        if second.as_of is None:
            second = replace(second, as_of=first.as_of)
    else:
        day, known = from_as_of or second.as_of, from_known_at or second.known_at
        first = Asked(day, known, from_definition, policy)
    with progress(enabled=not as_json):
        found = library(first, second, code=code, area=area, hotline=hotline)
    if as_json:
        click.echo(json.dumps([each.as_dict() for each in found], ensure_ascii=False, indent=2))
    else:
        shown = [e for e in found if everything or code is not None or e.difference or e.steps]
        for each in shown:
            click.echo("\n".join(in_words(each)))
        click.echo(f"比较 compared: {len(found)}，有变化 changed: {sum(bool(e.difference or e.steps) for e in found)}")  # fmt: skip
    return int(any(each.residual for each in found))


def _apart(option: str, value: int | None, *others: Any) -> None:
    if value is not None and any(other is not None for other in others):
        raise click.UsageError(
            f"{option} 已含时点、已知时间与口径 / {option} says day, known time and rules by itself"
        )


def _published(number: int) -> Asked:
    """The reading that a published version is of, by the definitions that are kept with it."""
    from etl.context import Context
    from etl.evaluate.comparison import Asked
    from etl.plan import load_plan
    from etl.publication import record

    ctx = Context.of()
    with ctx.engine.connect() as connection:
        version = record.version(connection, number)
    folder = record.folder_of(ctx.settings, number)
    kept = (folder / record.PLAN).is_dir()
    return Asked(
        version.as_of,
        version.known_at,
        policy=version.policy,
        plan=load_plan(folder / record.PLAN) if kept else None,
        formulas=folder / record.FORMULAS if kept else None,
    )
