"""`minsheng db`: the embedded database, or the user's own."""

from __future__ import annotations

import json
import os
from typing import Any

import click

from etl import server
from etl.cli.show import grid, progress
from etl.errors import MinshengError
from etl.reasons import Catalogue
from etl.settings import Settings

MESSAGES = Catalogue(__file__)

_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")


@click.group()
def db() -> None:
    """内置数据库的启停与升级。 Start, stop, inspect and upgrade the warehouse."""


@db.command()
@_json
def start(as_json: bool) -> None:
    """启动（已运行则无操作）。 Start it, unless it runs."""
    server.start()
    _show(server.status(), as_json)


@db.command()
def stop() -> None:
    """停止。 Stop it."""
    stopped = server.stop()
    click.echo("已停止 / stopped" if stopped else "没有运行 / was not running")


@db.command()
@_json
def status(as_json: bool) -> None:
    """是否运行、在何处。 Whether it runs, and where."""
    _show(server.status(), as_json)


@db.command()
@click.option("--database", default=None, help="数据库名 / Another database on the same server.")
@click.option("--driver", is_flag=True, help="SQLAlchemy 形式 / With the driver's name.")
def url(database: str | None, driver: bool) -> None:
    """连接地址，含口令。 The address with its password, for psql and BI tools."""
    from sqlalchemy import make_url

    parts = make_url(server.url(database=database))
    if not driver:
        parts = parts.set(drivername="postgresql")
    click.echo(parts.render_as_string(hide_password=False))


@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> None:
    """打开 psql，其余参数原样传递。 Open psql; further arguments are passed on."""
    from sqlalchemy import make_url

    from etl.server import postgres

    settings = Settings.load()
    parts = make_url(server.start(settings))
    program = postgres.bin_dir(settings.pg_bin) / "psql"
    if not program.is_file():
        raise MinshengError(MESSAGES.reason("no_psql"))
    # By the environment: a password on the command line shows in the list of processes.
    environment = os.environ | {"PGPASSWORD": str(parts.password or "")}
    address = parts._replace(drivername="postgresql", password=None).render_as_string()
    os.execve(  # noqa: S606 - the terminal passes to psql
        program, [str(program), address, *arguments], environment
    )


@db.command()
@_json
def upgrade(as_json: bool) -> None:
    """执行数据库迁移，更新视图和函数。 Run the migrations, replace views and functions; safe to repeat."""
    from etl import database
    from etl.database.prepare import prepare

    with progress(enabled=not as_json):
        done = prepare(database.engine())
    _show(done, as_json)


@db.command()
@click.confirmation_option(
    "--yes", prompt="将删除全部入库数据，继续？/ This deletes all loaded data. Go on?"
)
def destroy() -> None:
    """停止并删除内置数据库。 Stop the embedded database and delete its data."""
    server.destroy()
    click.echo("已删除 / deleted")


def _show(values: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(values, ensure_ascii=False, default=str))
        return
    grid([(key, value) for key, value in values.items() if value is not None])
