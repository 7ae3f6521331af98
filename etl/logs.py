"""The log: one event a step, with delivery, feed, counts and seconds, and never a value out of a file.

Events go through the standard library's logging, so that whoever runs a step decides where
they are shown: the command line on stderr, Airflow in the task's log.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose events carry their fields as fields."""
    wrapped: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        logging.getLogger(name),
        wrapper_class=structlog.stdlib.BoundLogger,
        processors=[structlog.stdlib.filter_by_level, *_SHARED, _handed_on],
    )
    return wrapped


def configure(level: int = logging.WARNING, *, json: bool = False) -> None:
    """Show events on stderr: for people, or as JSON, one object a line. May be called again."""
    render: list[Processor]
    if json:
        render = [structlog.processors.JSONRenderer(ensure_ascii=False)]
    else:
        console = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,  # the rich one shows variables
            pad_event_to=0,
        )
        render = [_below_the_line, console]
    root = logging.getLogger("etl")
    for old in [each for each in root.handlers if isinstance(each, _Stderr)]:
        root.removeHandler(old)
    handler = _Stderr()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
            foreign_pre_chain=_SHARED,
        )
    )
    root.addHandler(handler)
    root.setLevel(level)


_SHARED: list[Processor] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso"),
]
_handed_on = structlog.stdlib.ProcessorFormatter.wrap_for_formatter


def _below_the_line(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Where people read, a traceback stands below its event.

    It is not called `exception` from the start: Airflow makes that the list of frames that its own pages read.
    """
    if "traceback" in event:
        event["exception"] = event.pop("traceback")
    return event


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what stderr is at the moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, _value: TextIO) -> None:
        pass
