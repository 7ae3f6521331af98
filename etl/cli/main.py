"""`minsheng`: one entry point; a subcommand's module is imported only when it runs, and nothing else before.

Exit codes: 0 done, 1 failed, 2 usage, 3 a delivery was held or rejected.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

from etl.errors import MinshengError

HELD = 3
"""Exit code of a command that ended with a delivery held or rejected."""

SAMPLE = "minsheng_sample"
"""The generator of synthetic extracts: a package of its own, which production does without."""

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": (
        "minsheng_sample.cli.demo:demo",
        "样例数据到评估结果的完整演示 / The whole way, on sample data",
    ),
    "up": ("etl.cli.system:up", "启动全部组件 / Start the database and Airflow"),
    "down": ("etl.cli.system:down", "停止全部组件 / Stop everything that runs"),
    "status": ("etl.cli.system:status", "各组件运行状态 / What runs, and where"),
    "ingest": (
        "etl.cli.ingest:ingest",
        "接收、暂存、校验、入库 / Receive, stage, validate and load files",
    ),
    "deliveries": ("etl.cli.ledger:deliveries", "批次台账 / The ledger of deliveries"),
    "quarantine": ("etl.cli.quarantine:quarantine", "隔离数据及原因 / Quarantined rows and why"),
    "preview": (
        "etl.cli.ledger:preview",
        "放行暂扣批次的后果 / What the release of a held delivery would do",
    ),
    "validate": (
        "etl.cli.ledger:validate",
        "用某一版契约重新校验批次 / Judge archived deliveries by a contract",
    ),
    "release": ("etl.cli.ledger:release", "放行暂扣批次 / Release a held delivery"),
    "retry": ("etl.cli.ledger:retry", "故障批次重新处理 / Let a failed delivery go on"),
    "reject": ("etl.cli.ledger:reject", "退回暂扣批次 / Reject a held delivery"),
    "withdraw": (
        "etl.cli.ledger:withdraw",
        "撤销已入库批次 / Take a loaded delivery back",
    ),
    "pages": ("etl.cli.pages:pages", "每个批次一页 / A page per delivery"),
    "feeds": ("etl.cli.feeds:feeds", "数据源及其契约 / The feeds and their contracts"),
    "evaluate": ("etl.cli.evaluate:evaluate", "规划指标评估 / The plan's evaluation"),
    "receipt": (
        "etl.cli.receipt:receipt",
        "一个数字的凭据 / What a figure consists of, file by file",
    ),
    "compare": (
        "etl.cli.compare:compare",
        "两次读取的差异及原因 / What changed between two readings, and why",
    ),
    "evidence": (
        "etl.cli.evidence:evidence",
        "证据包，可离线核验 / All evidence in one file, verified offline",
    ),
    "series": ("etl.cli.evaluate:series", "更新指标序列 / Bring the series up to date"),
    "reconcile": (
        "etl.cli.evaluate:reconcile",
        "部门数据核对 / Where departments disagree",
    ),
    "publish": ("etl.cli.publication:publish", "发布一次评估 / Publish an evaluation"),
    "published": (
        "etl.cli.publication:published",
        "已发布的版本 / What was published: list, show, verify",
    ),
    "report": (
        "etl.cli.report:report",
        "评估报告：网站、附表、文稿 / The report: a site, tables, a document",
    ),
    "sample": ("minsheng_sample.cli.sample:sample", "生成合成样例数据 / Write synthetic extracts"),
    "db": ("etl.cli.db:db", "内置数据库 / The embedded database"),
}


class LazyGroup(click.Group):
    """A group that knows names and help by heart and imports a command only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        try:
            command: click.Command = getattr(import_module(module), name)
        except ModuleNotFoundError as missing:
            if missing.name != SAMPLE:
                raise
            from etl.reasons import Catalogue

            raise MinshengError(Catalogue(__file__).reason("no_generator")) from missing
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, importing nothing."""
        with formatter.section("命令 / Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="出错时显示完整调用栈 / Show tracebacks.")
@click.option(
    "-v",
    "--verbose",
    count=True,
    help="在标准错误输出各步骤的日志，-vv 更详细 / Log each step to stderr; -vv more.",
)
@click.option(
    "--log-json",
    is_flag=True,
    help="日志为每行一个 JSON（同 MINSHENG_LOG=json）/ Log as JSON lines.",
)
@click.version_option(package_name="minsheng", prog_name="minsheng")
@click.pass_context
def cli(ctx: click.Context, debug: bool, verbose: int, log_json: bool) -> None:
    """民生：各部门数据进，规划指标出。 Departmental extracts in, the plan's numbers out."""
    import logging

    from etl import logs

    ctx.obj = {"debug": debug}
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logs.configure(level, json=log_json or os.environ.get("MINSHENG_LOG") == "json")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    given = sys.argv[1:] if arguments is None else arguments
    sys.exit(run(given))


def run(arguments: list[str]) -> int:
    """Run one command line; return its exit code."""
    try:
        result: Any = cli.main(arguments, prog_name="minsheng", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("已中断 / Interrupted", err=True)
        return 130
    except BrokenPipeError:  # the reader, `head` perhaps, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MinshengError as problem:
        if "--debug" in arguments:
            import traceback

            traceback.print_exc()
        click.secho(str(problem), fg="red", err=True)
        return problem.exit_code
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    main()
