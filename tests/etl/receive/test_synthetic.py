"""Generated files are known by their bytes, wherever they lie and whatever they are called."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from etl.receive import receive
from etl.receive.synthetic import LIST, add_to_list, is_synthetic, listed, write_list
from etl.settings import Settings


def test_a_list_beside_the_file_or_above_it(tmp_path: Path) -> None:
    write_list(tmp_path, {"newest/health/institution/a.csv": "a" * 64})
    deep = tmp_path / "newest" / "health" / "institution"
    deep.mkdir(parents=True)
    assert is_synthetic(deep / "a.csv", "a" * 64, tmp_path / "home")
    assert not is_synthetic(deep / "合成.csv", "b" * 64, tmp_path / "home")
    assert listed(tmp_path / "nowhere") == frozenset()


def test_a_list_is_kept_where_nothing_is_yet(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"a\n")
    home = tmp_path / "not" / "yet"
    for _ in range(2):
        add_to_list(home, [file])
    assert (home / LIST).read_text().split() == [
        "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7", "a.csv"
    ]  # fmt: skip


@pytest.mark.usefixtures("fresh_database")
def test_receive_enters_it(ingest_settings: Settings, tmp_path: Path) -> None:
    made, real = tmp_path / "sample" / "x.csv", tmp_path / "real" / "氨合成企业.csv"
    for path in (made, real):
        path.parent.mkdir()
        path.write_text(f"a\n{path.name}\n", encoding="utf-8")
    add_to_list(ingest_settings.home, [made])
    add_to_list(ingest_settings.home, [made])
    assert len((ingest_settings.home / LIST).read_text().splitlines()) == 1
    renamed = tmp_path / "real" / "医疗卫生机构_2020年12月.csv"
    shutil.copyfile(made, renamed)
    found = {}
    for path in (renamed, real):
        (delivery,) = receive(path, feed="health.institution", settings=ingest_settings)
        found[path.name] = delivery.delivery_id
    from etl.context import Context

    with Context.of(ingest_settings).engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT file_name FROM ledger.delivery WHERE synthetic"
        ).scalars()
        assert list(rows) == [renamed.name]
