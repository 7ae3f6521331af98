"""Make an evidence pack: results, the rows that they hang on, files' hashes, contracts, SQL, a workbook, a verifier."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from etl import definitions, plan
from etl.context import Context
from etl.evaluate import Reading, Receipt, doubts, figures
from etl.evaluate.receipts import SourceFile, receipt_of
from etl.evaluate.run import reading, schedules
from etl.evidence import workbook
from etl.pages.files import STYLE, environment
from etl.progress import report as tell
from etl.quoting import identifier
from etl.report import receipt as words
from etl.report import tables
from etl.values.tokens import Tokeniser

RESULTS, MANIFEST, FILES, WORKBOOK = "results.json", "manifest.json", "files.csv", "数值.xlsx"
_ROWS = ("thing", "area", "entity", "numerator", "denominator", "delivery", "feed", "file", "sheet", "row", "row_no")  # fmt: skip
_FILES = ("delivery", "feed", "file", "sha256", "mode", "period_start", "period_end", "received_at", "contract_hash", "contract_version")  # fmt: skip


@dataclass(frozen=True)
class Pack:
    """What was written."""

    path: Path
    as_of: date
    seq: int
    figures: int
    rows: int
    files: int
    sha256: str


def make(
    ctx: Context, path: Path, as_of: date | None = None, known_at: datetime | None = None
) -> Pack:
    """Write the evidence of all figures of a day, as known at a moment, into a zip; the same state gives the same bytes.

    Values of fields that a contract calls personal are keyed tokens; the key is made from the installation's and is
    another one for each day and commit, so that two packs cannot be joined by them.
    """
    with reading(ctx) as connection:
        now = Reading(connection, schedules(ctx), as_of, known_at)
        receipts = []
        statements = now.plan.statements
        for number, statement in enumerate(statements):
            tell(f"凭据 / receipt {statement.code}", number, len(statements))
            receipts.append(receipt_of(now, statement))
        contents = dict(_contents(ctx, now, receipts))
    contents[MANIFEST] = _json(
        {n: hashlib.sha256(c).hexdigest() for n, c in sorted(contents.items())}
    )
    packed = _zip(contents)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed)
    rows = sum(len(t["sources"]) for r in receipts for t in r.things)
    digest = hashlib.sha256(packed).hexdigest()
    return Pack(path, now.as_of, now.seq, len(receipts), rows, len(contents), digest)


def _contents(ctx: Context, now: Reading, receipts: list[Receipt]) -> Iterator[tuple[str, bytes]]:
    results = _results(now, receipts)
    yield RESULTS, _json(results)
    listed: dict[int, SourceFile] = {}
    for receipt in receipts:
        code = receipt.statement.code
        told = words.to_json(receipt)
        del told["things"]
        for part in told["parts"]:
            part.pop("things")
        yield f"receipts/{code}.json", _json(told)
        if receipt.things:
            yield f"rows/{code}.csv", tables.text(_ROWS, _lines(receipt)).encode()
        listed |= {f.delivery: f for f in receipt.files if f.delivery is not None}
    files = [[getattr(listed[number], name) for name in _FILES] for number in sorted(listed)]
    yield FILES, tables.text(_FILES, files).encode()
    yield from _tables(ctx, now, receipts)
    hashes = sorted({file.contract_hash for file in listed.values() if file.contract_hash})
    for row in now.rows("evidence_contracts", contracts=hashes):
        name = f"contracts/{row.feed}-{row.version}-{row.contract_hash[:12]}"
        parts = {
            ".yaml": row.contract,
            ".load.sql": row.load_sql,
            ".corrections.yaml": row.corrections,
        }
        yield from ((f"{name}{end}", text.encode()) for end, text in parts.items() if text)
    for folder, place in (("sql", definitions.FORMULAS), ("plan", plan.FOLDER)):
        for path in sorted(place.rglob("*")):
            if path.suffix in (".sql", ".yaml", ".csv"):
                yield f"{folder}/{path.relative_to(place).as_posix()}", path.read_bytes()
    yield WORKBOOK, workbook.make(results, receipts)
    yield "verify.py", (Path(__file__).parent / "verify.py").read_bytes()
    yield "index.html", _index(results, receipts, files).encode()


def _results(now: Reading, receipts: Iterable[Receipt]) -> dict[str, Any]:
    return {
        "as_of": now.as_of.isoformat(),
        "known_at": (now.asked_known_at or now.moment.at).isoformat(),
        "seq": now.seq,
        "policy": now.policy.policy_code,
        "synthetic": any(receipt.synthetic for receipt in receipts),
        "figures": [_result(receipt) for receipt in receipts],
    }


def _result(receipt: Receipt) -> dict[str, Any]:
    statement, policy = receipt.statement, receipt.policy
    weights = (policy.w_response, policy.w_resolution, policy.w_satisfaction)
    made = (
        "declared"
        if statement.computable != "C"
        else "score"
        if receipt.parts
        else "ratio"
        if figures.is_ratio(statement)
        else "sum"
    )
    told = {
        "code": statement.code,
        "name_zh": statement.name_zh,
        "name_en": statement.name_en,
        "unit": statement.unit_zh or statement.unit_en,
        "made": made,
        "value": receipt.figure.value,
        "numerator": receipt.figure.numerator,
        "denominator": receipt.figure.denominator,
        "rows": sum(len(thing["sources"]) or 1 for thing in receipt.things),
        "bounds": receipt.bounds.as_dict(),
        "provisional": receipt.provisional,
        "status": receipt.status,
        "definition_version": statement.definition_version,
        "formula": f"sql/{figures.formula(statement)}.sql"
        if figures.has_query(statement)
        else None,
    }
    if receipt.parts:
        codes = [part.statement.code for part in receipt.parts]
        told["weights"] = dict(zip(codes, weights, strict=True))
    return told


def _lines(receipt: Receipt) -> Iterator[tuple[Any, ...]]:
    numbers = (source.get("row_no") for t in receipt.things for source in t["sources"] or [t])
    for line, row_no in zip(words.lines(receipt.statement, receipt.things), numbers, strict=True):
        yield (*line, row_no)


def _tables(ctx: Context, now: Reading, receipts: Iterable[Receipt]) -> Iterator[tuple[str, bytes]]:
    """The rows of the star behind the figures, table by table."""
    wanted: dict[str, set[tuple[int, int]]] = {}
    for receipt in receipts:
        if not figures.has_query(receipt.statement):
            continue
        mine = {(s["delivery"], s["row_no"]) for t in receipt.things for s in t["sources"]}
        for table in doubts.tables_of(receipt.statement) & set(now.targets_of_star):
            wanted.setdefault(table, set()).update(mine)
    token = Tokeniser(_key(ctx, now)).token
    personal = {
        field.column
        for contract in ctx.contracts.values()
        for field in contract.fields
        if field.classification == "personal" and field.column
    }
    for table, pairs in sorted(wanted.items()):
        places = sorted(pairs)
        rows = now.rows(
            "evidence_rows",
            {"table": identifier(table)},
            known_at=now.seq,
            delivery_ids=[delivery for delivery, _ in places],
            row_nos=[row for _, row in places],
        )
        if not rows:
            continue
        names = list(rows[0]._fields)
        kept = [n for n in names if n not in ("known_from", "known_to")]
        lines = (
            [_cell(getattr(row, n), token if n in personal else None) for n in kept] for row in rows
        )
        yield f"tables/{table}.csv", tables.text(kept, lines).encode()


def _cell(value: Any, token: Any) -> Any:
    return token(str(value)) if token is not None and value is not None else value


def _key(ctx: Context, now: Reading) -> bytes:
    """The key of this pack's tokens, which never leaves the installation."""
    of = f"evidence {now.as_of} {now.seq}".encode()
    return hmac.digest(ctx.settings.token_key(), of, "sha256")


def _index(results: Mapping[str, Any], receipts: list[Receipt], files: list[list[Any]]) -> str:
    style = STYLE + (Path(words.__file__).parent / "templates" / "report.css").read_text("utf-8")
    return environment("etl.evidence", "etl.report").get_template("evidence.html").render(
        results=results, receipts=receipts, files=[dict(zip(_FILES, row, strict=True)) for row in files],
        style=style, number=words.number, bounds=words.bounds, formula=words.formula, WORKBOOK=WORKBOOK,
    )  # fmt: skip


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n").encode()


def _zip(contents: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in sorted(contents.items()):
            entry = zipfile.ZipInfo(name)  # of 1980: the same state gives the same bytes
            entry.external_attr = 0o644 << 16
            pack.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
