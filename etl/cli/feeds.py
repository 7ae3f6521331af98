"""`minsheng feeds`: which feeds there are, what each delivers, and whether a contract is right."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from etl.cli.authoring import suite, targets, try_file
from etl.cli.drafting import new, propose_change, template
from etl.cli.show import table
from etl.contract import (
    BrokenContract,
    Contract,
    ContractProblem,
    Field,
    Problem,
    broken_contracts,
    load_contracts,
    read_contract,
)
from etl.contract.reader import SUFFIXES, load_path
from etl.errors import UsageError
from etl.reasons import Catalogue
from etl.settings import Settings

MESSAGES = Catalogue(__file__)

_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON / Print JSON.")


@click.group(invoke_without_command=True)
@_json
@click.pass_context
def feeds(ctx: click.Context, as_json: bool) -> None:
    """数据源一览；子命令查看和检查契约。 The feeds; subcommands show and check a contract."""
    if ctx.invoked_subcommand is not None:
        return
    contracts = load_contracts(Settings.load())
    broken = broken_contracts(Settings.load())
    if as_json:
        out = [
            {
                "feed": b.feed,
                "department": b.department,
                "path": str(b.path),
                "problems": problems_of(b),
            }
            for b in broken
        ]
        _print_json([*(_summary(contract) for contract in contracts.values()), *out])
        return
    rows = [
        (
            c.feed,
            c.name_zh,
            c.name_en,
            c.cadence,
            c.deadline.split(" / ")[0],
            c.mode,
            "、".join(c.targets),
        )
        for c in contracts.values()
    ]
    table(
        ("数据源 feed", "名称", "name", "频次 cadence", "期限 due", "方式 mode", "目标表 targets"),
        rows,
    )
    click.echo(f"共 {len(rows)} 个数据源 / {len(rows)} feeds")
    if broken:
        problems = [problem for contract in broken for problem in contract.problems]
        click.secho(f"\n{ContractProblem(problems)}", fg="yellow")


@feeds.command()
@click.argument("feed")
@_json
def show(feed: str, as_json: bool) -> None:
    """一个数据源的数据字典。 The data dictionary of a feed."""
    contracts = load_contracts(Settings.load())
    if feed not in contracts:
        problems = [
            p for b in broken_contracts(Settings.load()) if b.feed == feed for p in b.problems
        ]
        if problems:
            raise ContractProblem(problems)
        raise UsageError(MESSAGES.reason("no_such_feed", feed=feed))
    contract = contracts[feed]
    if as_json:
        _print_json(_summary(contract) | _details(contract))
        return
    click.echo(f"{contract.feed}  {contract.name_zh} / {contract.name_en}  v{contract.version}")
    for text in (contract.purpose, contract.usage, contract.limitations):
        if text:
            click.echo(f"  {text}")
    click.echo(
        f"  报送 delivered: {contract.cadence}, {contract.deadline}, {contract.mode}; {contract.owner}"
    )
    click.echo(f"  文件 files: {', '.join(contract.file.names)}\n")
    table(
        (
            "字段 field",
            "表头 header",
            "English",
            "类型 type",
            "主键 key",
            "必填 required",
            "分级 class",
            "代码 codes",
        ),
        [_field_row(field) for field in contract.fields],
    )
    click.echo()
    described = [field for field in contract.fields if field.description]
    for field in described:
        click.echo(f"  {field.title_zh} {field.name}: {field.description}")
    if described:
        click.echo()
    table(
        ("规则 rule", "级别", "内容", "meaning"),
        [
            *((rule.id, rule.severity, rule.text_zh, rule.text_en) for rule in contract.rules),
            *((r.id, r.severity, r.text_zh, r.text_en) for r in contract.delivery_rules),
        ],
    )


@feeds.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--database", is_flag=True, help="并在数据库中试运行 / Also try its SQL in the warehouse."
)
@_json
def check(paths: tuple[Path, ...], database: bool, as_json: bool) -> int:
    """检查契约文件或文件夹。 Check contract files, or all in a folder."""
    problems: list[Problem] = []
    good: list[Contract] = []
    for path in _contract_files(paths):
        try:
            good.append(read_contract(path))
        except ContractProblem as wrong:
            problems += wrong.problems
    if database and good:
        problems += _try_in_database(good)
    if as_json:
        _print_json({"checked": len(good), "problems": [problem.as_dict() for problem in problems]})
    elif problems:
        click.secho(str(ContractProblem(problems)), fg="red", err=True)
    else:
        for contract in good:
            click.echo(f"正确 ok  {contract.feed}  {contract.path}")
    return 1 if problems else 0


def _try_in_database(contracts: Sequence[Contract]) -> list[Problem]:
    from etl.database import engine
    from etl.database.prepare import prepare
    from etl.load.trial import try_contract

    warehouse = engine()
    prepare(warehouse)  # on a fresh home there is none yet
    with warehouse.connect() as connection:
        return [problem for contract in contracts for problem in try_contract(connection, contract)]


def _contract_files(paths: Iterable[Path]) -> list[Path]:
    files: dict[Path, None] = {}
    for path in map(Path.resolve, paths):
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES and _is_contract(p))
            if not inside:
                raise UsageError(MESSAGES.reason("no_contract_in", path=path))
            files |= dict.fromkeys(inside)
        else:
            beside = [path.with_name(path.name.replace(".load.sql", end)) for end in SUFFIXES]
            files[next((p for p in beside if p.exists()), beside[0])] = None
    return list(files)


def _is_contract(path: Path) -> bool:
    """A YAML file with a load file beside it, or one that begins as a contract does: an unfinished one is checked, too."""
    return load_path(path).exists() or "apiVersion:" in path.read_text("utf-8", errors="ignore")


def _summary(contract: Contract) -> dict[str, Any]:
    return {
        "feed": contract.feed,
        "department": contract.department,
        "name_zh": contract.name_zh,
        "name_en": contract.name_en,
        "version": contract.version,
        "owner": contract.owner,
        "cadence": contract.cadence,
        "deadline_days": contract.deadline_days,
        "mode": contract.mode,
        "key": list(contract.key),
        "targets": list(contract.targets),
        "file_names": list(contract.file.names),
        "path": str(contract.path),
        "hash": contract.hash,
    }


def _details(contract: Contract) -> dict[str, Any]:
    return {
        "purpose": contract.purpose,
        "usage": contract.usage,
        "limitations": contract.limitations,
        "fields": [
            {
                "name": field.name,
                "title_zh": field.title_zh,
                "title_en": field.title_en,
                "type": field.type,
                "key_position": field.key_position,
                "required": field.required,
                "classification": field.classification,
                "handling": field.handling,
                "codes": dict(field.code_labels),
                "vocabulary": field.vocabulary if field.codes else None,
                "headers": [
                    {"text": h.text, "since": h.since, "source": h.source} for h in field.history
                ],
                "description": field.description,
            }
            for field in contract.fields
        ],
        "rules": [
            {
                "id": rule.id,
                "severity": rule.severity,
                "dimension": rule.dimension,
                "text_zh": rule.text_zh,
                "text_en": rule.text_en,
                "columns": list(rule.columns),
            }
            for rule in contract.rules
        ],
        "delivery_rules": [asdict(rule) for rule in contract.delivery_rules],
    }


def problems_of(broken: BrokenContract) -> list[dict[str, Any]]:
    """What is wrong with a contract, for `--json`."""
    return [problem.as_dict() for problem in broken.problems]


def _field_row(field: Field) -> tuple[str, ...]:
    codes = "、".join(field.codes[:6]) + ("…" if len(field.codes) > 6 else "")
    protected = field.classification + (f" ({field.handling})" if field.handling != "keep" else "")
    return (
        field.name,
        field.title_zh,
        field.title_en,
        field.type,
        str(field.key_position or ""),
        "是 yes" if field.required else "",
        protected,
        codes + ("（开放 open）" if field.codes and field.vocabulary == "open" else ""),
    )


feeds.add_command(targets)
feeds.add_command(try_file)
feeds.add_command(new)
feeds.add_command(template)
feeds.add_command(propose_change)
feeds.add_command(suite)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))
