"""Which contracts there are, which one a file belongs to, and in which mode it comes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from etl.contract import (
    Contract,
    ContractProblem,
    broken_contracts,
    claimants,
    departments,
    load_contracts,
    match,
    mode_of,
)
from etl.settings import ROOT, Settings
from tests.etl.contract.conftest import YAML, write


def with_feeds(*folders: Path) -> Settings:
    return Settings.load({"MINSHENG_FEEDS": os.pathsep.join(map(str, folders))})


def test_further_folders_add_feeds(tmp_path: Path) -> None:
    write(tmp_path)
    found = load_contracts(with_feeds(tmp_path))
    assert found.keys() == load_contracts(Settings.load({})).keys() | {"education.model"}
    assert list(found) == sorted(found)
    assert found["education.model"].path == (tmp_path / "education/model.yaml").resolve()


def test_a_feed_that_exists_cannot_be_described_again(tmp_path: Path) -> None:
    write(tmp_path, YAML.replace("education.model", "education.school"), name="school")
    settings = with_feeds(tmp_path)
    assert load_contracts(settings)["education.school"].path.is_relative_to(ROOT)
    [broken] = broken_contracts(settings)
    [problem] = broken.problems
    assert (problem.path, problem.found) == ("id", "education.school")
    assert str(ROOT / "expectations/education/school.yaml") in problem.expected
    assert problem.file == str((tmp_path / "education/school.yaml").resolve())


def test_broken_contracts_are_out_and_named_and_the_others_go_on(tmp_path: Path) -> None:
    write(tmp_path, YAML.replace("value: full", "value: whole"))
    write(tmp_path, "a: [", name="second")
    (tmp_path / "education" / "third.yml").write_text(YAML, encoding="utf-8")
    write(tmp_path, YAML.replace("education.model", "education.good"), name="good")
    settings = with_feeds(tmp_path)
    assert {contract.feed: contract.path.name for contract in broken_contracts(settings)} == {
        "education.model": "model.yaml",
        "education.second": "second.yaml",
        "education.third": "third.yml",
    }
    usable = load_contracts(settings)
    assert "education.good" in usable
    assert usable.keys() > load_contracts(Settings.load({})).keys()
    assert "education" in departments(settings)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractProblem, match="MINSHENG_FEEDS"):
        load_contracts(with_feeds(tmp_path / "nowhere"))


def test_a_folder_given_twice_counts_once(tmp_path: Path) -> None:
    write(tmp_path)
    settings = with_feeds(tmp_path, tmp_path, ROOT / "expectations")
    assert broken_contracts(settings) == []
    assert "education.model" in load_contracts(settings)


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    path = write(tmp_path)
    settings = with_feeds(tmp_path)
    first = load_contracts(settings)["education.model"]
    assert load_contracts(settings)["education.model"] is first
    path.write_text(YAML.replace("version: '1.0.0'", "version: '1.0.1'"), encoding="utf-8")
    os.utime(path, ns=(time.time_ns(), time.time_ns() + 1_000_000))
    again = load_contracts(settings)["education.model"]
    assert again.version == "1.0.1"
    path.with_suffix(".load.sql").unlink()
    assert "education.model" not in load_contracts(settings)
    [broken] = broken_contracts(settings)
    assert broken.problems[0].file.endswith("model.load.sql")


def test_the_built_in_contracts_load_fast_and_light() -> None:
    """Every process that reads a DAG file pays for this."""
    import subprocess
    import sys

    script = (
        "import sys, time; from etl.contract import load_contracts; began = time.process_time();"
        "load_contracts(); print(time.process_time() - began);"
        "print([m for m in ('pandas', 'pyarrow', 'sqlalchemy', 'pydantic', 'jsonschema',"
        " 'great_expectations', 'airflow') if m in sys.modules])"
    )
    took, heavy = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert heavy == "[]"
    assert float(took) < 1.0, "0.1 s on a quiet machine"


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    return load_contracts(Settings.load({}))


@pytest.mark.parametrize(
    ("path", "member", "feed"),
    [
        ("landing/health/institution/any.csv", None, "health.institution"),
        ("landing/health/institution/学校名录2020.csv", None, "health.institution"),
        ("landing/health/institution/2020/any.csv", None, "health.institution"),
        ("landing/学校名录2020.csv", None, "education.school"),
        ("landing/2020年3月12345工单.csv", None, "hotline.work_order"),
        ("landing/ＨＥＡＬＴＨ_Institution_2020.CSV", None, "health.institution"),
        ("landing/all.zip", "小区台账2020Q1.xlsx", "housing.estate"),
        ("landing/all.zip", "报送/housing/renewal/表.xlsx", "housing.renewal"),
        ("landing/all.zip", "报送\\小区台账2020Q1.xlsx", "housing.estate"),
        ("landing/小区台账.zip", "表1.xlsx", "housing.estate"),
        ("landing/education/seat_change/表.zip", "表1.xlsx", "education.seat_change"),
        ("landing/养老服务机构2020-01.xlsx", None, "civil_affairs.elderly_facility"),
        ("landing/社区工作者2020-01.xlsx", None, "civil_affairs.social_worker_month"),
        ("landing/readme.txt", None, None),
        ("landing/health/unknown/表.csv", None, None),
    ],
)
def test_a_file_belongs_to_its_folder_then_to_its_name(
    contracts: dict[str, Contract], path: str, member: str | None, feed: str | None
) -> None:
    found = match(contracts, Path(path), Path("landing"), member)
    assert (found.feed if found else None) == feed
    without_landing = match(contracts, Path("/srv") / path, None, member)
    assert (without_landing.feed if without_landing else None) == feed


def test_folders_above_the_landing_zone_say_nothing(contracts: dict[str, Contract]) -> None:
    landing = Path("/srv/health/institution/landing")
    assert match(contracts, landing / "表.csv", landing) is None


def test_two_feeds_with_the_same_claim_are_no_answer(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, YAML.replace("education.model", "education.twin"), name="twin")
    contracts = load_contracts(with_feeds(tmp_path))
    assert match(contracts, Path("样例2020-01.csv")) is None
    claims = claimants(contracts, Path("样例2020-01.csv"))
    assert [contract.feed for contract in claims] == ["education.model", "education.twin"]


def test_a_contract_may_end_in_yml(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.rename(path.with_suffix(".yml"))
    contract = load_contracts(with_feeds(tmp_path))["education.model"]
    assert contract.path.suffix == ".yml"


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("医疗卫生机构2020-03.xlsx", "full"),
        ("医疗卫生机构2020-03（更正）.xlsx", "correction"),
        ("医疗卫生机构2020-03修正版.xlsx", "correction"),
        ("health_institution_2020-03_CORRECTION.csv", "correction"),
        ("撤回_医疗卫生机构2020-03.xlsx", "retraction"),
    ],
)
def test_the_file_name_tells_corrections_and_retractions(
    contracts: dict[str, Contract], name: str, mode: str
) -> None:
    assert mode_of(contracts["health.institution"], name) == mode


def test_a_contract_may_name_its_modes_otherwise(tmp_path: Path) -> None:
    modes = "  - {property: modes, value: [{pattern: fix, mode: correction}]}\n"
    write(tmp_path, YAML.replace("  - property: period\n", modes + "  - property: period\n"))
    contract = load_contracts(with_feeds(tmp_path))["education.model"]
    assert mode_of(contract, "样例_FIX.csv") == "correction"
    assert mode_of(contract, "样例_更正.csv") == "full"
