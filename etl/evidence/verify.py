"""Verify an evidence pack: every file by its digest, every figure computed anew from the rows. Needs DuckDB, nothing else.

核验证据包：逐个文件核对指纹，由行重算每个数字。只需 Python 和 DuckDB：

    pip install duckdb
    python verify.py            # in the unpacked folder 在解开的文件夹中
    python verify.py pack.zip   # or of a pack that is not unpacked 或直接对压缩包

Exit code 0: all is as the pack says; 1: what differs is named. 退出码 0 全部相符，1 有不符。
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import duckdb

TOLERANCE = 1e-9
"""Of a figure's size: sums of fractions depend on the order of their terms."""


def main(arguments: list[str]) -> int:
    """Verify the folder of this script, or the pack that is named."""
    if not arguments:
        return report(Path(__file__).resolve().parent)
    place = Path(arguments[0])
    if place.is_dir():
        return report(place)
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(place) as pack:
        pack.extractall(folder)
        return report(Path(folder))


def report(folder: Path) -> int:
    """Print what was found; the exit code."""
    faults = files(folder)
    results = json.loads((folder / "results.json").read_text("utf-8"))
    connection = duckdb.connect()
    faults += sources(connection, folder, results)
    computed = 0
    values: dict[str, float | None] = {}
    for figure in sorted(results["figures"], key=lambda f: f["made"] == "score"):
        found, told = recompute(connection, folder, figure, values)
        values[figure["code"]] = found
        faults += told
        computed += found is not None
        state = "不符 DIFFERS" if told else "相符 ok" if found is not None else "没有数 no figure"
        print(f"{state:<14} {figure['code']:<42} {show(found)}")
    for fault in faults:
        print(f"不符 differs: {fault}", file=sys.stderr)
    print(
        f"{len(results['figures'])} 项指标，{computed} 项有数，{len(faults)} 处不符 / "
        f"{len(results['figures'])} figures, {computed} with a number, {len(faults)} differences"
    )
    return 1 if faults else 0


def files(folder: Path) -> list[str]:
    """Files that are not as the manifest says."""
    listed = json.loads((folder / "manifest.json").read_text("utf-8"))
    there = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    } - {"manifest.json"}
    faults = [f"文件缺失 file is missing: {name}" for name in sorted(listed.keys() - there)]
    faults += [
        f"多出文件 file is not of the pack: {name}" for name in sorted(there - listed.keys())
    ]
    for name in sorted(listed.keys() & there):
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != listed[name]:
            faults.append(f"文件被改动 file was changed: {name}")
    return faults


def table(connection: Any, path: Path) -> str:
    """A CSV as a relation; every cell is text."""
    name = str(path).replace("'", "''")
    return f"read_csv('{name}', header = true, all_varchar = true, quote = '\"', delim = ',', strict_mode = true)"


def recompute(
    connection: Any, folder: Path, figure: dict[str, Any], values: dict[str, float | None]
) -> tuple[float | None, list[str]]:
    """A figure from the rows, and what differs from the result."""
    code, made = figure["code"], figure["made"]
    if made == "score":
        rates = [values.get(part) for part in figure["weights"]]
        if any(rate is None for rate in rates):
            found: float | None = None
        else:
            weighed = zip(figure["weights"].values(), rates, strict=True)
            found = 100 * sum(weight * (rate or 0.0) for weight, rate in weighed)
        return found, compared(code, "value", found, figure["value"])
    path = folder / "rows" / f"{code}.csv"
    if not path.is_file():
        # No row: a sum is 0, if the feeds have come at all.
        found = None if figure["value"] is None else 0.0
        expected = 0 if found is None else figure["value"]
        return found, [] if figure["rows"] == 0 == expected else [f"{code}: 没有行 no rows"]
    query = (
        "SELECT fsum(CAST(numerator AS DOUBLE)), fsum(CAST(denominator AS DOUBLE)), count(*) FROM "
        + table(connection, path)
    )
    above, below, count = connection.execute(query).fetchone()
    faults = compared(code, "numerator", above or 0.0, figure["numerator"] or 0.0)
    faults += compared(code, "denominator", below or 0.0, figure["denominator"] or 0.0)
    if count != figure["rows"]:
        faults.append(f"{code} rows: {count}, results.json {figure['rows']}")
    if figure["value"] is None:
        return None, faults
    found = (above / below if below else None) if made == "ratio" else above or 0.0
    return found, faults + compared(code, "value", found, figure["value"])


def sources(connection: Any, folder: Path, results: dict[str, Any]) -> list[str]:
    """Contributing rows that are in no table of the pack, or of a file that it does not list."""
    stars = sorted((folder / "tables").glob("*.csv"))
    if not stars:
        return []
    known = " UNION ".join(
        f"SELECT delivery_id, row_no FROM {table(connection, path)}" for path in stars
    )
    connection.execute(f"CREATE TABLE known AS {known}")
    listed = table(connection, folder / "files.csv")
    faults = []
    for figure in results["figures"]:
        path = folder / "rows" / f"{figure['code']}.csv"
        if not path.is_file():
            continue
        mine = f"(SELECT * FROM {table(connection, path)} WHERE delivery IS NOT NULL)"
        strays = connection.execute(
            f"SELECT delivery, row_no FROM {mine} WHERE (delivery, row_no) NOT IN (SELECT (delivery_id, row_no) FROM known)"
            f" UNION SELECT delivery, row_no FROM {mine} WHERE delivery NOT IN (SELECT delivery FROM {listed}) LIMIT 5"
        ).fetchall()
        if figure["made"] != "declared":
            faults += [
                f"{figure['code']}: 批次 delivery {d} 行 row {n} 不在包内 is not in the pack"
                for d, n in strays
            ]
    return faults


def compared(code: str, what: str, found: float | None, expected: float | None) -> list[str]:
    """A fault if two numbers differ."""
    if found is None or expected is None:
        same = found is expected
    else:
        same = abs(found - expected) <= TOLERANCE * max(1.0, abs(expected))
    if same:
        return []
    return [f"{code} {what}: 由行得出 from the rows {show(found)}, results.json {show(expected)}"]


def show(value: float | None) -> str:
    """A number with all its digits."""
    return "—" if value is None else repr(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
