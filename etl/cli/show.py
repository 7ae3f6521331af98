"""How a delivery, a reason, a table and the progress of a long operation look in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from etl.ledger import COUNTS, Delivery
from etl.reasons import WARNING, Reason, lines, one_line

if TYPE_CHECKING:
    from rich.table import Table

_PIPED_WIDTH = 10_000
"""Nothing is folded for a program that reads lines."""

COLOURS = {
    "loaded": "green",
    "duplicate": "blue",
    "held": "yellow",
    "rejected": "red",
    "failed": "red",
}


def delivery_line(delivery: Delivery, kept_out: Sequence[Reason] = ()) -> str:
    """One line a delivery: state, feed, period, file, counts; below it why it was stopped.

    Of one that goes on: its warnings, and why rows of it were kept out (`ledger.kept_out`).
    """
    counts = "  ".join(
        f"{name} {value}" for name in (*COUNTS, "closed") if (value := getattr(delivery, name))
    )
    state = click.style(f"{delivery.state:<9}", fg=COLOURS.get(delivery.state))
    line = f"#{delivery.delivery_id:<4} {state} {delivery.label.rsplit(' #', 1)[0]}  {counts}  {delivery.seconds:.2f}s"
    reasons = [Reason.of(reason) for reason in delivery.reasons]
    if delivery.state in ("held", "rejected", "failed"):
        return line + "".join(f"\n        {text}" for each in reasons for text in lines(each))
    told = {reason.code for reason in kept_out}  # with a place, which the delivery's own have not
    shown = [*kept_out, *(each for each in reasons if each.code not in told)]
    return line + "".join(f"\n        {reason_line(each)}" for each in shown)


def reason_line(reason: Reason) -> str:
    """A reason in one line."""
    return click.style(one_line(reason), fg="yellow" if reason.severity == WARNING else None)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Rows under their headings, in columns whatever the script; folded only where a terminal is too narrow."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = Table(*head, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for row in rows:
        shown.add_row(*map(Text, row))
    _print(shown)


def grid(rows: Iterable[Sequence[Any]]) -> None:
    """Rows in columns, without headings."""
    from rich.table import Table
    from rich.text import Text

    shown = Table.grid(padding=(0, 2))
    for row in rows:
        shown.add_row(*(Text(str(cell)) for cell in row))
    _print(shown)


def _print(shown: Table) -> None:
    from rich.console import Console

    for column in shown.columns:
        column.overflow = "fold"
    Console(highlight=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH).print(shown)


@contextmanager
def progress(*, enabled: bool = True) -> Iterator[None]:
    """Show on stderr, if that is a terminal, what the library reports meanwhile; else nothing."""
    if not (enabled and sys.stderr.isatty()):
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.table import Column

    from etl.progress import listening

    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False, table_column=Column(ratio=1, no_wrap=True)),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        expand=True,
        # What is printed meanwhile goes above the bar if both are on one screen, else where it was sent.
        redirect_stdout=sys.stdout.isatty(),
    )
    task = bar.add_task("", total=None, count="")

    def listener(step: str, done: int | None, total: int | None) -> None:
        count = "" if done is None else f"{done:,} 行 rows" if total is None else f"{done}/{total}"
        bar.update(task, description=step, completed=done or 0, total=total, count=count)

    with bar, listening(listener):
        yield
