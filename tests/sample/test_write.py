from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from minsheng_sample.write import write_sample

from etl.errors import UsageError
from tests.sample.conftest import Sample


def digest(folder: Path) -> str:
    hashed = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            hashed.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return hashed.hexdigest()


SMALL = {"first": 2019, "last": 2021, "orders": 120}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    write_sample(tmp_path / "a", **SMALL)
    write_sample(tmp_path / "b", **SMALL)
    assert digest(tmp_path / "a") == digest(tmp_path / "b")


def test_another_seed_gives_other_rows_and_truths(tmp_path: Path) -> None:
    default = write_sample(tmp_path / "a", **SMALL)
    other = write_sample(tmp_path / "b", seed=7, **SMALL)
    first, second = (document["truths"][0]["indicators"] for document in (default, other))
    assert first.keys() == second.keys()
    differing = {code for code in first if first[code] != second[code]}
    assert len(differing) >= 12
    assert digest(tmp_path / "a") != digest(tmp_path / "b")


def test_an_earlier_sample_is_replaced_whole(tmp_path: Path) -> None:
    write_sample(tmp_path, first=2018, last=2021, orders=50)
    write_sample(tmp_path, **SMALL)
    kept = digest(tmp_path)
    write_sample(tmp_path / "fresh" / "x", **SMALL)
    assert kept == digest(tmp_path / "fresh" / "x")


def test_a_directory_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(UsageError):
        write_sample(tmp_path, **SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("first", "last"), [(2016, 2016), (2020, 2020), (2021, 2023), (2016, 2030)]
)
def test_any_span_of_years_can_be_written(tmp_path: Path, first: int, last: int) -> None:
    document = write_sample(tmp_path, first=first, last=last, orders=0)
    assert document["truths"]


def test_everything_says_that_it_is_synthetic(sample: Sample) -> None:
    document = json.loads((sample.folder / "manifest.json").read_text(encoding="utf-8"))
    assert document["synthetic"] is True
    assert "合成数据" in document["label_zh"]
    for entry in sample.files("history", "newest", "repaired", "trouble"):
        assert "合成" in Path(entry["path"]).name


def test_about_a_hundred_deliveries_and_a_month_of_newest(sample: Sample) -> None:
    assert 90 <= len(sample.manifest["history"]) <= 120
    assert 12 <= len(sample.manifest["newest"]) <= 20
