"""`minsheng up`, `down`, `status`: the whole system on this machine."""

from __future__ import annotations

import json
from typing import Any

import click

from etl.cli.show import grid, reason_line
from etl.reasons import Reason
from etl.settings import Settings

_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")


@click.command()
def up() -> None:
    """启动数据库与 Airflow（已运行则无操作）。 Start the database and Airflow, unless they run."""
    from etl import services
    from etl.airflow.config import AirflowHome

    settings = Settings.load()
    password, new = AirflowHome.of(settings).password()
    click.echo("启动中 / starting")
    health = services.up(settings, click.echo)
    click.echo("")
    _show(health)
    if new:
        click.secho(f"口令 / password    {password}   （仅显示一次 / shown once）", bold=True)


@click.command()
def down() -> None:
    """停止全部组件与数据库。 Stop every component and the database."""
    from etl import services

    if not services.down(Settings.load(), click.echo):
        click.echo("没有运行 / nothing was running")


@click.command()
@_json
def status(as_json: bool) -> int:
    """各组件是否运行、在何处；全部正常时退出码为 0。 What runs and where; exit code 0 if all is well."""
    from etl import services

    health = services.status(Settings.load())
    if as_json:
        click.echo(json.dumps(health, ensure_ascii=False, indent=2))
    else:
        _show(health)
    return 0 if health["healthy"] else 1


def _show(health: dict[str, Any]) -> None:
    database = health["database"]
    place = database["url"] or "-"
    words = {True: "运行 / running", False: "停止 / stopped", None: "外部 / external"}
    grid(
        [
            ("database", words[database["running"]], place),
            *((c["name"], words[c["running"]], c["health"] or "") for c in health["components"]),
        ]
    )
    places = [("收件 / landing", health["landing"]), ("日志 / logs", health["logs"])]
    if health["broken_feeds"]:
        out = "、".join(health["broken_feeds"]) + "（minsheng feeds）"
        places.append(("停用的数据源 / feeds that are out", out))
    if health["url"]:
        who = f"{health['user']}，口令在 / password in {health['password_file']}"
        places += [
            ("界面 / web", health["url"]),
            ("评估报告 / report", health["report"]),
            ("批次页 / pages", health["pages"]),
            ("用户 / user", who),
        ]
    grid(places)
    for reason in health["passed_over"]:
        click.echo(reason_line(Reason.of(reason)))
