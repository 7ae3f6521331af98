"""Views and functions: one file each, replaced when their text changed; then owners, grants and column texts.

`warehouse/sql/views/<schema>/<name>.sql` and `warehouse/sql/functions/<schema>/<name>.sql` hold the newest
text of each. Which texts a warehouse has is kept in `ledger.sql_file`, so that an upgrade that changes
nothing locks nothing that a report is being read from.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Any

import psycopg2.errors
import sqlalchemy as sa

from etl.contract import load_contracts
from etl.database import SQL, sql_file
from etl.errors import MinshengError
from etl.quoting import identifier, string
from etl.reasons import Catalogue
from etl.settings import Settings

MESSAGES = Catalogue(__file__)

ACCESS, COLUMNS = "access.sql", "views/columns.csv"

_NAME = re.compile(r"\b([a-z]\w*)\.([a-z]\w*)\b")
_REMARK = re.compile(r"--[^\n]*")
_PRESENT = """
SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind = 'v'
 UNION
SELECT n.nspname || '.' || p.proname FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
"""
_COLUMNS = """
SELECT c.relname, a.attname, col_description(c.oid, a.attnum)
  FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
 WHERE c.relnamespace = 'bi'::regnamespace AND c.relkind = 'v' AND a.attnum > 0 ORDER BY 1, a.attnum
"""


def replace(connection: sa.Connection, *, migrated: bool) -> list[str]:
    """Replace what changed, or is missing, in the order of what needs what; returns the names.

    `migrated`: tables may have changed, so access is set again. The caller's transaction.
    Raises MinshengError where PostgreSQL refuses, since a column that readers use is gone or
    has another type, and where a column of a view is not explained.
    """
    files = _files()
    texts = {path: sql_file(path) for path in (*files.values(), ACCESS)}
    columns = column_texts()
    texts[COLUMNS] = repr(sorted(columns.items()))
    digests = {path: hashlib.sha256(text.encode()).hexdigest() for path, text in texts.items()}
    kept = connection.execute(sa.text("SELECT path, sha256 FROM ledger.sql_file"))
    applied = {row.path: row.sha256 for row in kept}
    present = set(connection.execute(sa.text(_PRESENT)).scalars())
    changed = [
        name
        for name in ordered({name: texts[path] for name, path in files.items()})
        if applied.get(files[name]) != digests[files[name]] or name not in present
    ]
    if not (changed or migrated or applied != digests):
        return []
    for name in changed:
        _replace(connection, name, texts[files[name]])
    run(connection, texts[ACCESS])
    _explain_columns(connection, columns)
    connection.execute(
        sa.text("DELETE FROM ledger.sql_file WHERE path <> ALL (:paths)"), {"paths": list(digests)}
    )
    connection.execute(
        sa.text(
            "INSERT INTO ledger.sql_file AS f (path, sha256) VALUES (:path, :sha256)"
            " ON CONFLICT (path) DO UPDATE SET sha256 = excluded.sha256, applied_at = excluded.applied_at"
            " WHERE f.sha256 <> excluded.sha256"
        ),
        [{"path": path, "sha256": sha256} for path, sha256 in digests.items()],
    )
    return changed


def ordered(texts: Mapping[str, str]) -> list[str]:
    """The names with each after those that its text names; all names are written with their schema."""
    needs = {
        name: sorted(
            {".".join(parts) for parts in _NAME.findall(_REMARK.sub("", text))}
            & texts.keys() - {name}
        )
        for name, text in sorted(texts.items())
    }
    return list(TopologicalSorter(needs).static_order())


def _files() -> dict[str, str]:
    """`bi.school` -> `views/bi/school.sql`."""
    paths = [*SQL.glob("functions/*/*.sql"), *SQL.glob("views/*/*.sql")]
    return {
        f"{path.parent.name}.{path.stem}": path.relative_to(SQL).as_posix()
        for path in sorted(paths)
    }


def _replace(connection: sa.Connection, name: str, text: str) -> None:
    try:
        run(connection, text)
    except (
        psycopg2.errors.InvalidTableDefinition,
        psycopg2.errors.InvalidFunctionDefinition,
    ) as error:
        reason = str(error).splitlines()[0]
        raise MinshengError(
            MESSAGES.reason("view_not_replaceable", name=name, why=reason)
        ) from error
    except psycopg2.Error as error:
        error.add_note(f"in the text of {name}")
        raise


def column_texts() -> dict[str, str]:
    """What each column name means, 中文 / English: as `columns.csv` says, else as the contracts' fields of this name do.

    Where built-in contracts call a field of one name differently, only `columns.csv` can say what it means.
    """
    titles: dict[str, set[str]] = {}
    for contract in load_contracts(Settings.load({})).values():
        for field in contract.fields:
            titles.setdefault(field.name, set()).add(f"{field.title_zh} / {field.title_en}")
    with (SQL / COLUMNS).open(encoding="utf-8", newline="") as file:
        written = {row["column"]: f"{row['zh']} / {row['en']}" for row in csv.DictReader(file)}
    return {name: title for name, (title, *others) in titles.items() if not others} | written


def _explain_columns(connection: sa.Connection, texts: Mapping[str, str]) -> None:
    """Give each column of `bi` the text of its name: one name has one meaning in every view."""
    rows = connection.execute(sa.text(_COLUMNS)).all()
    unexplained = sorted({f"bi.{view}.{column}" for view, column, _ in rows if column not in texts})
    if unexplained:
        raise MinshengError(
            MESSAGES.reason("column_unexplained", columns=", ".join(unexplained), file=COLUMNS)
        )
    for view, column, text in rows:
        if text != texts[column]:
            place = f"bi.{identifier(view)}.{identifier(column)}"
            run(connection, f"COMMENT ON COLUMN {place} IS {string(texts[column])}")


def run(connection: sa.Connection, text: str) -> None:
    """Run statements as they are written."""
    # Past SQLAlchemy, which would read ":name" and "%" in the text as parameters.
    cursor: Any = connection.connection.cursor()
    try:
        cursor.execute(text)
    finally:
        cursor.close()
