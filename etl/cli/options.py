"""Options that several commands share: the day, the known time and the area of a reading."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import click

_BEIJING = timezone(timedelta(hours=8))


def as_day(_ctx: click.Context, _param: click.Parameter, value: str | None) -> date | None:
    """The value of an option that is a day."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise click.BadParameter(
            f"{value}：应为 2020-12-31 这样的日期 / expected a date like 2020-12-31"
        ) from error


def as_moment(_ctx: click.Context, _param: click.Parameter, value: str | None) -> datetime | None:
    """The value of an option that is a time of Beijing; of a day its end."""
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(
            f"{value}：应为 2021-03-01 或 2021-03-01T18:00 / expected a time like 2021-03-01T18:00"
        ) from error
    if len(value) <= 10:
        # A day means all that was known when it ended.
        moment = datetime.combine(moment, time.max)
    return moment if moment.tzinfo else moment.replace(tzinfo=_BEIJING)


def reading_options(*, area: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--as-of` and `--known-at`; with `area` also `--area`."""
    options = [
        click.option(
            "--as-of",
            callback=as_day,
            metavar="DATE",
            help="评估时点，默认为数据覆盖的最后月末 / Day; the last month's end that data cover.",
        ),
        click.option(
            "--known-at",
            callback=as_moment,
            metavar="TIME",
            help="按当时已知数据（北京时间），默认为现在 / As known at that time; now.",
        ),
    ]
    if area:
        options.append(
            click.option(
                "--area",
                metavar="CODE|NAME",
                help="只看一个镇街或社区（今日区划）/ Only this town or community of today.",
            )
        )

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
