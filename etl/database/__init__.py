"""Connections to the warehouse, the embedded one or the user's own (PostgreSQL 15 to 18)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from etl import server
from etl.errors import MinshengError
from etl.quoting import as_it_stands
from etl.reasons import Catalogue
from etl.settings import FILES, Settings, driver_url

MESSAGES = Catalogue(__file__)

if TYPE_CHECKING:
    import psycopg2.extensions

SQL = FILES / "warehouse" / "sql"
OLDEST = 15


def engine(settings: Settings | None = None) -> sa.Engine:
    """An engine on the warehouse; starts the embedded server where no address is configured."""
    settings = settings or Settings.load()
    return engine_at(server.start(settings))


def engine_at(address: str) -> sa.Engine:
    """An engine on any PostgreSQL address, checked to be reachable and recent enough."""
    engine = sa.create_engine(
        driver_url(address),
        poolclass=QueuePool,
        pool_size=4,
        # A delivery under way holds up to four connections: who has some must get the others. How many
        # deliveries are under way at once is bounded where they are claimed.
        max_overflow=-1,
        pool_pre_ping=True,
        hide_parameters=True,  # they hold what departments sent, and errors are logged
        connect_args={"application_name": "minsheng", "connect_timeout": 10},
    )
    sa.event.listen(engine, "connect", _prepare)
    try:
        with engine.connect() as connection:
            version = connection.connection.dbapi_connection.server_version  # type: ignore[union-attr]
    except sa.exc.OperationalError as error:
        engine.dispose()
        raise _unreachable(address, str(error.orig).strip()) from error
    if version < OLDEST * 10000:
        engine.dispose()
        raise MinshengError(
            MESSAGES.reason("database_too_old", version=version // 10000, oldest=OLDEST)
        )
    return engine


@contextmanager
def raw(engine: sa.Engine) -> Iterator[psycopg2.extensions.connection]:
    """A psycopg2 connection from the engine's pool, for COPY: committed at the end, rolled back on error."""
    pooled = engine.raw_connection()
    try:
        yield pooled.dbapi_connection  # type: ignore[misc]
        pooled.commit()
    except BaseException:
        with suppress(psycopg2.Error):
            pooled.rollback()
        raise
    finally:
        pooled.close()


def sql_file(path: str | Path) -> str:
    """The text of a SQL file; a relative path counts from `warehouse/sql/`."""
    return (SQL / path).read_text(encoding="utf-8")


def run_file(
    connection: sa.Connection, path: str, names: Mapping[str, str], **values: Any
) -> sa.CursorResult[Any]:
    """Run a SQL file with names and queries put in, in which a `:x` is no parameter; `values` are those of the file."""
    text = filled(path, {name: as_it_stands(text) for name, text in names.items()})
    return connection.execute(sa.text(text), values)


def filled(path: str, names: Mapping[str, str]) -> str:
    """The text of a SQL file without its remarks, `{name}` replaced by what stands for it."""
    lines = sql_file(path).splitlines()
    body = "\n".join(line for line in lines if not line.strip().startswith("--"))
    return body.format(**names)


def _prepare(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        try:
            cursor.execute("SET TIME ZONE 'Asia/Shanghai'")
        except psycopg2.Error:
            # A server without time-zone files still knows a fixed offset.
            connection.rollback()
            cursor.execute("SET TIME ZONE '<+08>-8'")
        # Few rows come of the many of a staging table. PostgreSQL has no statistics to know that,
        # and would not read in parallel for fear of handing over what it expects.
        cursor.execute("SET parallel_tuple_cost = 0.01")
    connection.commit()


def _unreachable(address: str, reason: str) -> MinshengError:
    shown = server.mask(address)
    return MinshengError(MESSAGES.reason("database_unreachable", shown=shown, reason=reason))
