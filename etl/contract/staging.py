"""The staging tables of a delivery, as its contract describes them."""

from __future__ import annotations

from etl.contract.model import Contract, Field
from etl.quoting import identifier, string


def staging_columns(contract: Contract) -> list[tuple[str, str]]:
    """Names and types of the contract's columns in the staging table, in order.

    Columns of fixed width come first: side by side they are read and written fastest.
    """
    return [(field.column, field.pg_type) for field in contract.staged if field.column]


def create_staging_sql(contract: Contract, delivery_id: int, *, text: bool = True) -> str:
    """DDL of `stage.d<id>` and, where there are restricted fields, of `restricted.d<id>` (unless `text` is false).

    The staging table is unlogged: what a crash empties is staged again. Texts whose
    expiry is the table's end are kept in a logged one.
    """
    table = f"stage.d{delivery_id:d}"
    columns = [f"{identifier(name)} {kind}" for name, kind in staging_columns(contract)]
    columns = ["row_no int NOT NULL", *columns, "fault text"]
    statements = [
        _create(f"UNLOGGED TABLE {table}", columns),
        _comment(f"TABLE {table}", f"{contract.name_zh} / {contract.name_en} ({contract.feed})"),
        _comment(f"COLUMN {table}.row_no", "记录序号，自 1 起 / ordinal of the record"),
        _comment(f"COLUMN {table}.fault", "读取时发现的问题（JSON） / what could not be read"),
    ]
    statements += [_described(table, str(field.column), field) for field in contract.staged]
    # All the loader's joins want to know of a key is how it is spread: 3,000 rows tell that.
    statements += [
        f"ALTER TABLE {table} ALTER COLUMN {identifier(contract.by_name[name].column or name)} SET STATISTICS 10"
        for name in contract.key
    ]
    if contract.restricted and text:
        table = f"restricted.d{delivery_id:d}"
        columns = [
            "row_no int NOT NULL",
            *(f"{identifier(field.name)} text" for field in contract.restricted),
        ]
        statements += [
            _create(f"TABLE {table}", columns),
            _comment(
                f"TABLE {table}",
                f"{contract.name_zh}：受限文本 / {contract.name_en}: restricted text",
            ),
        ]
        statements += [_described(table, field.name, field) for field in contract.restricted]
    return ";\n".join(statements) + ";\n"


def _create(what: str, columns: list[str]) -> str:
    listed = ",\n    ".join(columns)
    return f"CREATE {what} (\n    {listed}\n)"


def _described(table: str, column: str, field: Field) -> str:
    token = "（密钥摘要）" if field.handling == "token" else ""
    text = f"{field.title_zh}{token} / {field.title_en}"
    return _comment(
        f"COLUMN {table}.{identifier(column)}",
        f"{text}. {field.description}" if field.description else text,
    )


def _comment(what: str, text: str) -> str:
    return f"COMMENT ON {what} IS {string(text)}"
