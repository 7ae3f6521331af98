"""What holds for every contract of the repository."""

from __future__ import annotations

import pickle
import re
from collections import Counter
from datetime import date
from pathlib import Path

from etl.contract import Contract, departments, load_contracts, match, read_period
from etl.contract.reader import CADENCES, load_path
from etl.settings import Settings

CHINESE = re.compile(r"[\u4e00-\u9fff]")
IN_USE = {
    "yearly": "2020",
    "quarterly": "2020年第一季度",
    "monthly": "2020-03",
    "irregular": "2020-06-30",
}


def test_every_department_has_its_feeds(contracts: dict[str, Contract]) -> None:
    assert {contract.department for contract in contracts.values()} >= {
        "education",
        "health",
        "housing",
        "civil_affairs",
        "hotline",
        "reference",
    }


def test_a_contract_is_two_files_named_after_the_feed(contract: Contract) -> None:
    assert contract.path.relative_to(contract.path.parents[1]).as_posix() == (
        contract.feed.replace(".", "/") + ".yaml"
    )
    assert load_path(contract.path).is_file()
    assert contract.load_text.startswith("-- "), "the first line says what the file is for"


def test_everything_has_a_chinese_and_an_english_name(contract: Contract) -> None:
    assert CHINESE.search(contract.name_zh)
    assert not CHINESE.search(contract.name_en)
    for field in contract.fields:
        assert CHINESE.search(field.title_zh), field.name
        assert not CHINESE.search(field.title_en), field.name
    for rule in contract.rules:
        assert CHINESE.search(rule.text_zh), rule.id
        assert rule.text_en, rule.id


def test_purpose_use_and_limits_are_told(contract: Contract) -> None:
    for text in (contract.purpose, contract.usage, contract.limitations):
        assert CHINESE.search(text)
        assert re.search(r"[A-Za-z]{4}", text)


def test_people_and_deadlines_are_marked_as_examples(contract: Contract) -> None:
    assert "示例" in contract.owner
    assert contract.cadence in CADENCES
    assert contract.deadline_days is not None
    assert "示例：报告期结束后的天数" in contract.yaml_text


def test_past_headers_have_a_year_and_are_marked_synthetic(contract: Contract) -> None:
    for field in contract.fields:
        for header in field.history[1:]:
            if header.text not in (field.name, field.title_en):
                assert header.since is not None, header.text
                assert header.source == "synthetic", header.text


def test_personal_data_never_enters_as_it_is(contract: Contract) -> None:
    for field in contract.fields:
        assert field.classification in ("public", "internal", "personal")
        if field.classification == "personal":
            assert field.handling in ("drop", "token", "restricted"), field.name
            assert field.name not in [
                name for staged in contract.staged for name in [staged.column]
            ]


def test_key_fields_are_required_and_kept(contract: Contract) -> None:
    assert contract.key
    for name in contract.key:
        assert contract.by_name[name].required
        assert contract.by_name[name].column


def test_a_readable_pattern_and_known_codes(contract: Contract) -> None:
    for field in contract.fields:
        if field.pattern:
            assert all(field.shape), f"{field.name}: a clerk cannot read a regular expression"
        if field.codes and field.vocabulary == "closed":
            assert f"codes.{field.name}" in {rule.id for rule in contract.rules}


def test_open_vocabularies_only_warn(contract: Contract) -> None:
    severity = {rule.id: rule.severity for rule in contract.rules}
    for field in contract.fields:
        if field.codes and field.column:
            wanted = "warning" if field.vocabulary == "open" else "error"
            assert severity[f"codes.{field.name}"] == wanted, field.name


def test_every_rule_has_an_id_of_its_own(contract: Contract) -> None:
    assert [n for n, count in Counter(r.id for r in contract.rules).items() if count > 1] == []
    assert contract.rules[0].id == "fault"
    assert sum(rule.id == "key" for rule in contract.rules) == 1


def test_coordinates_declare_their_system(contract: Contract) -> None:
    for field in contract.fields:
        if field.name in ("longitude", "latitude"):
            assert "GCJ-02" in field.description


def test_a_file_name_belongs_to_one_feed(
    contract: Contract, contracts: dict[str, Contract]
) -> None:
    for glob in contract.file.names:
        name = glob.replace("*", IN_USE[contract.cadence]) + ".xlsx"
        assert match(contracts, Path(name)) is contract, name
    landing = Path("landing")
    path = landing / contract.department / contract.feed.split(".")[1] / "任意名称.csv"
    assert match(contracts, path, landing) is contract


def test_the_period_is_read_from_the_usual_file_name(contract: Contract) -> None:
    name = f"{contract.name_zh}_{IN_USE[contract.cadence]}.csv"
    period = read_period(contract, file_name=name, received=date(2024, 1, 1))
    assert period is not None
    assert (
        period
        == {
            "yearly": (date(2020, 1, 1), date(2020, 12, 31)),
            "quarterly": (date(2020, 1, 1), date(2020, 3, 31)),
            "monthly": (date(2020, 3, 1), date(2020, 3, 31)),
            "irregular": (date(2020, 6, 30), date(2020, 6, 30)),
        }[contract.cadence]
    )


def test_only_snapshots_are_held_for_their_volume(contract: Contract) -> None:
    assert (contract.delivery_rule("volume") is not None) == (contract.mode == "full")


def test_orders_are_judged_by_few_and_cheap_rules(contracts: dict[str, Contract]) -> None:
    """A million orders are judged in seconds: no regular expression, no SQL, few scans."""
    rules = contracts["hotline.work_order"].rules
    assert len(rules) <= 20
    assert not [r.id for r in rules if r.expectation == "sql" or "regex" in r.expectation]
    required = {f.name for f in contracts["hotline.work_order"].fields if f.required}
    assert required == {"order_id", "town", "unit", "category_1", "opened_at"}


def test_the_departments_are_known_without_reading_a_contract(
    contracts: dict[str, Contract],
) -> None:
    assert departments(Settings.load({})) == sorted({one.department for one in contracts.values()})


def test_contracts_travel_between_processes(contract: Contract) -> None:
    assert pickle.loads(pickle.dumps(contract)) == contract


def test_the_same_files_give_the_same_hash(contract: Contract) -> None:
    again = load_contracts(Settings.load({}))[contract.feed]
    assert again.hash == contract.hash
    assert re.fullmatch("[0-9a-f]{64}", again.hash)


def test_no_place_of_one_machine_is_written_down(contract: Contract) -> None:
    text = contract.yaml_text + contract.load_text
    assert not re.search(r"/work/|/home/|localhost|127\.0\.0\.1|https?://", text)
