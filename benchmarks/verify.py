"""Whether two ways loaded the same rows: counts and a checksum over every column that both keep.

Not compared: the caller's phone (a keyed token in the star) and the caller's name
(dropped). Town and community are compared as the one area that a fact refers to.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.place import Place
from etl.contract import Field

SQL = Path(__file__).parent / "sql"
_LEFT_OUT = ("caller_phone", "caller_name", "town", "community_code")

Fingerprint = tuple[int, str]


def star(place: Place, database: str, fields: Sequence[Field]) -> Fingerprint:
    """What the star of `database` holds."""
    with closing(place.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT min(delivery_id) FROM star.fact_work_order")
        text = f"restricted.d{cursor.fetchall()[0][0]}"
    return _fingerprint(place, database, _sql("rows_of_star", text=text), fields)


def flat(
    place: Place, database: str, table: str, fields: Sequence[Field], zone: str = "Asia/Shanghai"
) -> Fingerprint:
    """What a flat table with the extract's field names holds; `zone` is what its naive moments mean."""
    query = f"SELECT *, coalesce(community_code::text, town) AS area FROM {table}"
    return _fingerprint(place, database, query, fields, zone)


def _fingerprint(
    place: Place, database: str, rows: str, fields: Sequence[Field], zone: str = "Asia/Shanghai"
) -> Fingerprint:
    texts = [_text(field) for field in fields if field.name not in _LEFT_OUT] + [
        "coalesce(area::text, '')"
    ]
    query = _sql("fingerprint", columns=", ".join(texts), rows=rows)
    with closing(place.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, false)", (zone,))
        cursor.execute(query)
        count, checksum = cursor.fetchall()[0]
    return int(count), str(checksum)


def _text(field: Field) -> str:
    """A column as one text, whichever type a tool gave it."""
    kinds = {
        "timestamp": "{0}::timestamp(0)::text",
        "integer": "{0}::numeric::bigint::text",
        "boolean": "lower({0}::text)",
    }
    return f"coalesce({kinds.get(field.type, '{0}::text').format(field.name)}, '')"


def _sql(name: str, **parts: str) -> str:
    text = (SQL / f"{name}.sql").read_text(encoding="utf-8")
    body = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    return body.format(**parts) if parts else body


def sql(name: str) -> str:
    """One of the bench's queries."""
    return _sql(name)
