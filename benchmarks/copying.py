"""The limit and the reference: psql's copying of rows that somebody else has finished."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measure, verify
from benchmarks.measure import Run
from benchmarks.place import Place
from etl.contract import Field

REFERENCE = Path(__file__).parent / "reference.sql"


@dataclass(frozen=True)
class Finished:
    """One table's finished rows in a file, in COPY's own format and in the order in which they were stored."""

    table: str
    columns: str
    path: Path
    rows: int
    condition: str
    """Which of the table's rows they are, if a fresh warehouse has some of its own."""
    definition: str
    """Columns of a table that belongs to the delivery and is made with it; empty for one of the warehouse."""


def export(place: Place, database: str) -> list[Finished]:
    """Write the rows that a delivery added to a fresh warehouse, table by table."""
    folder = place.home / f"tables-{database}"
    folder.mkdir(exist_ok=True)
    before = _filled(place)
    tables = []
    with closing(place.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("SET synchronize_seqscans = off")
        cursor.execute(verify.sql("added_tables"))
        for name, columns, definition in cursor.fetchall():
            condition = before.get(name, "true")
            cursor.execute(f"SELECT count(*) FROM {name} WHERE {condition}")
            rows = cursor.fetchall()[0][0]
            if rows:
                path = folder / f"{name}.copy"
                copy = f"COPY (SELECT {columns} FROM {name} WHERE {condition}) TO STDOUT"
                with path.open("wb") as file:
                    cursor.copy_expert(copy, file, size=1 << 20)
                own = "" if name in before else definition
                tables.append(Finished(name, columns, path, rows, condition, own))
    return tables


def _filled(place: Place) -> dict[str, str]:
    """The tables of a fresh warehouse, each with a condition for the rows that a delivery adds."""
    conditions = {}
    with closing(place.connect(place.template)) as connection, connection.cursor() as cursor:
        cursor.execute(verify.sql("added_tables"))
        for name in [row[0] for row in cursor.fetchall()]:
            if name.startswith("registry."):
                key = f"{name.split('.')[1]}_key"
                cursor.execute(f"SELECT greatest(max({key}), 0) FROM {name}")
                conditions[name] = f"{key} > {cursor.fetchall()[0][0]}"
            else:
                cursor.execute(f"SELECT EXISTS (SELECT FROM {name})")
                conditions[name] = "false" if cursor.fetchall()[0][0] else "true"
    return conditions


def limit(
    place: Place, tables: Sequence[Finished], fields: Sequence[Field]
) -> tuple[Run, verify.Fingerprint]:
    """(a) Copy the finished rows of every table into a fresh warehouse, in one transaction.

    The delivery's own table (restricted text) is made in that transaction, as a
    delivery makes it, so PostgreSQL may skip its WAL; all others are there before.
    """
    lines = []
    for table in tables:
        if table.definition:
            lines.append(f"CREATE TABLE {table.table} ({table.definition});")
        lines.append(f"\\copy {table.table} ({table.columns}) FROM '{table.path}'")
    with place.fresh() as database:
        run = _psql(place, database, lines)
        _require_counts(place, database, tables)
        return run, verify.star(place, database, fields)


def reference(place: Place, rows: Path, fields: Sequence[Field]) -> tuple[Run, verify.Fingerprint]:
    """(a') Copy the finished rows of the extract, all columns, into the fixed plain fact table."""
    columns = ", ".join(field.name for field in fields)
    with place.fresh("template1") as database:
        _psql(place, database, [f"\\i {REFERENCE}"])
        place.admin("CHECKPOINT")
        run = _psql(
            place,
            database,
            [f"\\copy reference.fact_order ({columns}) FROM '{rows}' (FORMAT csv, HEADER)"],
        )
        return run, verify.flat(place, database, "reference.fact_order", fields)


def _psql(place: Place, database: str, lines: Sequence[str]) -> Run:
    script = place.home / "copy.sql"
    script.write_text("\n".join(["SET TIME ZONE 'Asia/Shanghai';", *lines, ""]), encoding="utf-8")
    command: list[str | Path] = [
        place.programs / "psql",
        "-X",
        "-q",
        "-1",
        "-v",
        "ON_ERROR_STOP=1",
        "-f",
        script,
    ]
    return measure.run(
        place, command, place.environment(database) | place.psql_environment(database)
    )


def _require_counts(place: Place, database: str, tables: Sequence[Finished]) -> None:
    with closing(place.connect(database)) as connection, connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {table.table} WHERE {table.condition}")
            rows = cursor.fetchall()[0][0]
            if rows != table.rows:
                raise RuntimeError(f"{table.table}: {rows} rows instead of {table.rows}")
