"""`minsheng publish`, `minsheng published list|show|verify`: evaluations that leave the house."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import click

from etl.cli.options import as_day, as_moment
from etl.cli.show import progress


@click.command()
@click.option("--as-of", required=True, callback=as_day, metavar="DATE", help="评估时点 / Day.")
@click.option("--prepared-by", required=True, metavar="WHO", help="填报人 / Who prepared it.")
@click.option("--reviewed-by", required=True, metavar="WHO", help="审核人 / Who reviewed it.")
@click.option("--approved-by", required=True, metavar="WHO", help="批准人 / Who approved it.")
@click.option("--document-no", required=True, metavar="NO", help="文号 / Document number.")
@click.option("--update", metavar="WHY", help="数据增加，更新此前版本 / There is more data.")
@click.option("--correction", metavar="WHY", help="更正我方错误 / It was a mistake of ours.")
@click.option("--override", metavar="WHY", help="未齐备而发布的理由 / Why it goes out as it is.")
@click.option(
    "--embargo-until", callback=as_moment, metavar="TIME", help="解禁时间（北京）/ Embargo."
)
@click.option(
    "--seen-by", multiple=True, metavar="WHO", help="解禁前知悉者 / Who has it before; repeat."
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")
def publish(
    as_of: date,
    prepared_by: str,
    reviewed_by: str,
    approved_by: str,
    document_no: str,
    update: str | None,
    correction: str | None,
    override: str | None,
    embargo_until: datetime | None,
    seen_by: tuple[str, ...],
    as_json: bool,
) -> None:
    """发布一次评估：编号、三人、文号，此后不变。 Publish an evaluation as a version that never changes.

    应报未报、示例目标或合成数据时拒绝，除非写明理由。 Refused while data are missing, or targets are
    examples, unless a reason is given, which is printed with it.
    """
    from etl import publication as library
    from etl.context import Context

    if update and correction:
        raise click.UsageError("--update 与 --correction 不能同用 / exclude each other")
    with progress(enabled=not as_json):
        made = library.publish(
            Context.of(),
            as_of,
            library.Persons(prepared_by, reviewed_by, approved_by),
            document_no,
            update=update,
            correction=correction,
            override=override,
            embargo_until=embargo_until,
            seen_by=seen_by,
        )
    _print_json(made.as_dict()) if as_json else _print(made)


@click.group()
def published() -> None:
    """已发布的版本：列出、查看、核验。 What was published: list, show, verify."""


@published.command("list")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")
def list_versions(as_json: bool) -> None:
    """全部版本。 All versions."""
    from etl import publication as library
    from etl.context import Context

    with Context.of().engine.connect() as connection:
        versions = library.published(connection)
    if as_json:
        _print_json([each.as_dict() for each in versions])
        return
    if not versions:
        click.echo("还没有发布过 / nothing has been published")
    for each in versions:
        click.echo(
            f"第 {each.version} 版  {each.as_of}  {each.document_no}  {each.kind}"
            f"{f'（修订 revises {each.revises}）' if each.revises else ''}  {each.published_at:%Y-%m-%d %H:%M}"
        )


@published.command()
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")
def show(number: int, as_json: bool) -> None:
    """一个版本：谁、何时、改了什么。 One version: who, when, what it revises."""
    from etl.context import Context
    from etl.publication.record import figures_of, version

    with Context.of().engine.connect() as connection:
        kept = version(connection, number)
        figures = figures_of(connection, number)
    if as_json:
        _print_json({**kept.as_dict(), "figures": figures})
        return
    _print(kept)


@published.command()
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")
def verify(number: int, as_json: bool) -> None:
    """逐字节核对文件，按当时所知重算每个数字。 Its files byte for byte, its figures computed anew.

    退出码 0 全部相符，3 有不符。 Exit code 0 if all is as published, 3 if not.
    """
    from etl import publication as library
    from etl.context import Context
    from etl.reasons import lines

    with progress(enabled=not as_json):
        reasons = library.verify(Context.of(), number)
    if as_json:
        _print_json({"version": number, "reasons": [reason.as_dict() for reason in reasons]})
    else:
        for reason in reasons:
            click.echo("\n".join(lines(reason)))
        if not reasons:
            click.echo(f"第 {number} 版与发布时完全一致 / version {number} is as it was published")
    if reasons:
        raise SystemExit(3)


def _print(made: Any) -> None:
    click.echo(
        f"第 {made.version} 版 version {made.version}  {made.document_no}\n"
        f"评估时点 as of {made.as_of}  所知时点 known at {made.known_at:%Y-%m-%d %H:%M:%S}  提交 commit {made.seq}\n"
        f"填报 prepared {made.prepared_by}  审核 reviewed {made.reviewed_by}  批准 approved {made.approved_by}"
    )
    if made.embargo_until:
        click.echo(
            f"解禁 embargo until {made.embargo_until:%Y-%m-%d %H:%M}"
            f"  此前知悉 seen by {'、'.join(made.seen_by) or '-'}"
        )
    if made.override_why:
        click.echo(f"说明 published although: {made.override_why}")
        for each in made.overridden:
            click.echo(f"  {each['zh']} / {each['en']}")
    if made.revises:
        kind = {"update": "更新 update", "correction": "更正 correction"}[made.kind]
        click.echo(f"{kind}，修订第 {made.revises} 版 of version {made.revises}: {made.why}")
        for each in made.revised:
            before, after = each["before"] or {}, each["after"]
            click.echo(
                f"  {each['code']}: {before.get('value')} {before.get('status')} → {after['value']} {after['status']}"
            )


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
