"""COPY into PostgreSQL while the next batch is being typed and the one after it decoded.

One thread decodes and one types (pyarrow releases the GIL), one thread a table feeds
COPY. The queues are short, so memory does not grow with the file.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from psycopg2.extensions import connection as PgConnection  # noqa: N812 - a class in all but name

_DEPTH = 3
_END = None
T = TypeVar("T")


def ahead(items: Iterable[T]) -> Iterator[T]:
    """The same items; each is made in a thread of its own while the one before it is in use."""
    source, end = iter(items), object()
    with ThreadPoolExecutor(1, "ahead") as pool:
        coming = pool.submit(next, source, end)
        while (item := coming.result()) is not end:
            coming = pool.submit(next, source, end)
            yield cast(T, item)


class Stream:
    """What one COPY reads: chunks put by the producer, until `close()` or a failure on either side."""

    def __init__(self, stop: threading.Event) -> None:
        self._chunks: queue.Queue[Any] = queue.Queue(_DEPTH)
        self._stop = stop
        self._ended = False

    def put(self, chunk: Any) -> None:
        """Hand over one chunk; raises Stopped if the reader is gone."""
        while not self._stop.is_set():
            try:
                self._chunks.put(chunk, timeout=0.2)
                return
            except queue.Full:
                continue
        raise Stopped

    def read(self, _size: int = -1) -> bytes:
        """The next chunk, of whatever size; empty at the end (psycopg2 passes any length on)."""
        while not self._ended:
            try:
                chunk = self._chunks.get(timeout=0.2)
            except queue.Empty:
                if self._stop.is_set():
                    raise Stopped from None
                continue
            if chunk is _END:
                self._ended = True
                break
            return bytes(chunk)
        return b""

    def close(self) -> None:
        """Say that no more chunks come."""
        self.put(_END)


class Stopped(Exception):
    """The other side of a stream failed; its own error is the one to report."""


Sink = tuple["PgConnection", str]
"""A connection in a transaction, and the COPY statement to run on it."""


def copy_streams(sinks: list[Sink], produce: Callable[[], Iterable[tuple[Any, ...]]]) -> None:
    """Run one COPY a sink at the same time; `produce` yields a tuple with one chunk (or None) for each.

    Raises the producer's error where it fails, else the first COPY's. Nothing is
    committed here.
    """
    stop = threading.Event()
    streams = [Stream(stop) for _ in sinks]
    errors: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except Stopped:
                pass
            except BaseException as error:  # handed to the caller below
                errors.append(error)
                stop.set()

        return run

    def feed() -> None:
        for chunks in produce():
            for stream, chunk in zip(streams, chunks, strict=True):
                if chunk is not None:
                    stream.put(chunk)
        for stream in streams:
            stream.close()

    def drain(sink: Sink, stream: Stream) -> Callable[[], None]:
        def run() -> None:
            with sink[0].cursor() as cursor:
                cursor.copy_expert(sink[1], cast(Any, stream), size=1 << 20)

        return run

    work = [feed, *(drain(sink, stream) for sink, stream in zip(sinks, streams, strict=True))]
    threads = [threading.Thread(target=guarded(step), daemon=True) for step in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
