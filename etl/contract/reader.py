"""One contract: two files in, the resolved model out, or every problem that stands in the way."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from etl.contract.corrections import corrections_path, read_corrections
from etl.contract.deliveries import DELIVERY_RULES, read_delivery_rules, read_references
from etl.contract.document import parse
from etl.contract.fields import read_fields
from etl.contract.loadsql import read_loads
from etl.contract.model import Contract, Field, LoadQuery, Mode
from etl.contract.node import Node
from etl.contract.options import read_file, read_modes, read_periods
from etl.contract.problems import ContractProblem, Sink
from etl.contract.quality import declared_rules
from etl.contract.rules import generated_rules
from etl.contract.standard import check_standard
from etl.settings import Settings

CUSTOM = frozenset(
    [
        "englishName",
        "mode",
        "modes",
        "period",
        "file",
        "sourceTime",
        "scope",
        "sharedKeys",
        "rowThatCounts",
        "answerWithin",
        "freshness",
        "acceptance",
        "references",
        *DELIVERY_RULES,
    ]
)
"""Custom properties that a contract may have."""

TABLE_CUSTOM = frozenset(["sameThing"])
"""Custom properties that the schema object may have."""

SUFFIXES = (".yaml", ".yml")
"""What the file of a contract ends in."""

DISTRICT = "{district}"
"""Stands in a contract for the code of the district."""

CADENCES = ("daily", "weekly", "monthly", "quarterly", "yearly", "irregular")
"""How often a feed is delivered."""

_API = "v3.2.0"
_PARTS = ("purpose", "usage", "limitations")


def read_contract(path: Path, district: str | None = None) -> Contract:
    """Read `<department>/<feed>.yaml` and the load file beside it; ContractProblem names all faults.

    `{district}` in the YAML becomes the code of the district (default: of the settings), so that
    ids of its places are described without it.
    """
    sink = Sink(path)
    yaml_text, load_text = _texts(path, sink)
    register = corrections_path(path)
    corrections = register.read_text(encoding="utf-8-sig") if register.is_file() else ""
    if DISTRICT in yaml_text:
        yaml_text = yaml_text.replace(DISTRICT, district or Settings.load().district)
    return _read(path, yaml_text, load_text, corrections, sink)


def read_texts(path: Path, yaml_text: str, load_text: str, corrections: str = "") -> Contract:
    """A contract from the texts that were kept of it; `path` only says where it lay."""
    return _read(path, yaml_text, load_text, corrections, Sink(path))


def _read(path: Path, yaml_text: str, load_text: str, corrections: str, sink: Sink) -> Contract:
    readable = not any(problem.file == str(path) for problem in sink.problems)
    document = parse(yaml_text, sink) if readable else None
    contract = None
    if document is not None:
        check_standard(document, sink)
        contract = _resolve(Node(document, "", sink), path, yaml_text, load_text)
        contract = _corrected(contract, corrections, sink)
    if contract is None or sink.problems:
        raise ContractProblem(sink.problems)
    return contract


def _corrected(contract: Contract, text: str, sink: Sink) -> Contract:
    """The contract with its register of corrections, which is a part of what judges a delivery."""
    if not text:
        return contract
    register = corrections_path(contract.path)
    read = read_corrections(text, register, contract.by_name, contract.key, sink)
    digest = hashlib.sha256(f"{contract.hash}\0{text}".encode()).hexdigest()
    return replace(contract, corrections=read, corrections_text=text, hash=digest)


def load_path(path: Path) -> Path:
    """The load file that belongs to a contract."""
    return path.with_suffix(".load.sql")


def _texts(path: Path, sink: Sink) -> tuple[str, str]:
    texts = ["", ""]
    for index, file in enumerate((path, load_path(path))):
        try:
            texts[index] = file.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            sink.add("", "缺失 / nothing", "与契约同名的文件 / a file beside the other", file=file)
        except UnicodeDecodeError as error:
            sink.add("", f"byte {error.start}", "UTF-8", file=file)
    return texts[0], texts[1]


def _resolve(root: Node, path: Path, yaml_text: str, load_text: str) -> Contract:
    sink = root.sink
    custom = root.custom(CUSTOM)
    root.get("apiVersion").choice((_API,), _API)
    root.get("kind").choice(("DataContract",), "DataContract")
    feed = root.get("id").needed()
    department = root.get("domain").needed()
    _check_place(root, feed, department, path)
    if not re.fullmatch(r"\d+\.\d+\.\d+", root.get("version").needed()):
        root.get("version").wrong("1.0.0")
    tables = list(root.get("schema").items())
    if len(tables) != 1:
        sink.add("schema", f"{len(tables)}", "恰好一个对象 / exactly one object")
    table = tables[0] if tables else root.get("schema")
    fields = read_fields(table)
    names = {field.name: field for field in fields}
    keyed = sorted((f.key_position, f.name) for f in fields if f.key_position is not None)
    rules = generated_rules(fields, [name for _, name in keyed])
    file = read_file(custom.get("file"), names)
    rules += declared_rules(table, fields, zone=file.time_zone)
    for node in table.get("properties").items():
        own = names.get(str(node.get("name").value))
        rules += declared_rules(node, fields, own, zone=file.time_zone)
    _check_rule_ids(rules, table)
    loads = read_loads(load_text, fields, load_path(path), sink)
    mode: Mode = custom.get("mode").choice(("full", "delta", "window"), "delta")
    if not custom.get("mode"):
        custom.get("mode").wrong("one of full, delta, window")
    cadence, deadline = _service(root)
    description = root.get("description")
    texts = {part: description.get(part).text() for part in _PARTS}
    same_thing = _same_thing(table.custom(TABLE_CUSTOM).get("sameThing"), names)
    return Contract(
        feed=feed,
        department=department,
        version=root.get("version").text(),
        status=root.get("status").text("active"),
        name_zh=root.get("name").needed(),
        name_en=custom.get("englishName").text(root.get("name").text()),
        owner=root.get("team").get("name").needed(),
        **texts,
        mode=mode,
        modes=read_modes(custom.get("modes")),
        period=read_periods(custom.get("period"), names),
        file=file,
        cadence=cadence,
        deadline_days=deadline,
        fields=fields,
        rules=tuple(rules),
        loads=loads,
        path=path,
        yaml_text=yaml_text,
        load_text=load_text,
        hash=hashlib.sha256(f"{yaml_text}\0{load_text}".encode()).hexdigest(),
        source_time=_source_time(custom.get("sourceTime"), names),
        scope=_scope(custom.get("scope"), names, mode),
        row_that_counts=_row_that_counts(custom.get("rowThatCounts"), names),
        shared_keys=_shared_keys(custom.get("sharedKeys"), loads),
        delivery_rules=read_delivery_rules(custom, mode, names),
        same_thing=same_thing,
        answer_days=custom.get("answerWithin").integer(1),
        references=read_references(custom.get("references"), names),
        corrections=(),  # read from a file of their own
    )


def _check_place(root: Node, feed: str, department: str, path: Path) -> None:
    expected = f"{path.parent.name}.{path.stem}"
    if feed and feed != expected:
        root.get("id").wrong(expected, "编号 = 文件夹.文件名 / the id is folder.file")
    if department and department != path.parent.name:
        root.get("domain").wrong(path.parent.name, "部门 = 文件夹 / the domain is the folder")


def _check_rule_ids(rules: list[Any], table: Node) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            table.sink.add(
                f"{table.path}.quality[{rule.id}]", rule.id, "不重复的 id / an id not given before"
            )
        seen.add(rule.id)


def _service(root: Node) -> tuple[str, int | None]:
    values = {item.get("property").value: item for item in root.get("slaProperties").items()}
    frequency, deadline = values.get("frequency"), values.get("deadline")
    if frequency is None:
        root.sink.add("slaProperties[frequency]", "缺失 / nothing", "one of " + ", ".join(CADENCES))
        return "irregular", None
    days = None
    if deadline is not None:
        days = deadline.get("value").integer()
        deadline.get("unit").choice(("d",), "d")
    return frequency.get("value").choice(CADENCES, "irregular"), days


def _source_time(node: Node, names: Mapping[str, Field]) -> str | None:
    name = node.text() or None
    if name and (name not in names or names[name].type not in ("date", "timestamp")):
        node.wrong("日期或时间字段 / a field of type date or timestamp")
    return name


def _scope(node: Node, names: Mapping[str, Field], mode: Mode) -> tuple[str, ...]:
    scope = node.texts()
    if scope and mode != "full":
        node.wrong("仅用于 mode: full / nothing, unless mode is full")
    for name in scope:
        if name not in names:
            node.sink.unknown(node.path, name, names)
    return scope


def _row_that_counts(
    node: Node, names: Mapping[str, Field]
) -> tuple[Literal["first", "last", "latest"], str | None] | None:
    """`first`, `last`, or `{latest: updated_at}`."""
    if not node:
        return None
    if not isinstance(node.value, dict):
        return ("last" if node.choice(("first", "last"), "first") == "last" else "first"), None
    field = node.keys(("latest",)).get("latest").needed()
    if field not in names or names[field].column is None:
        node.sink.unknown(f"{node.path}.latest", field, names)
    return "latest", field


def _shared_keys(node: Node, loads: tuple[LoadQuery, ...]) -> tuple[str, ...]:
    """Targets of the load file."""
    known = [load.target for load in loads if load.kind == "target"]
    for name in node.texts():
        if name not in known:
            node.sink.unknown(node.path, name, known)
    return node.texts()


def _same_thing(node: Node, names: Mapping[str, Field]) -> tuple[tuple[str, ...], ...]:
    """Lists of fields that name one thing; each is staged, and a whole business key says nothing new."""
    key = {name for name, field in names.items() if field.key_position is not None}
    lists = []
    for item in node.items():
        fields = item.texts()
        if not fields:
            item.wrong("一组字段 / a list of fields")
        for name in fields:
            if name not in names:
                item.sink.unknown(item.path, name, names)
            elif names[name].column is None:
                item.wrong(f"入库的字段 / fields that are kept, not {name}")
        if key and key <= set(fields):
            item.wrong("不含整个主键 / fields without the whole business key")
        lists.append(fields)
    return tuple(lists)
