"""The rules that fields imply, and the forms in which a contract may spell out others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from etl.contract import Contract, Problem, Rule, read_contract
from tests.etl.contract.conftest import YAML, spoil, write


def rule(contract: Contract, rule_id: str) -> Rule:
    [found] = [each for each in contract.rules if each.id == rule_id]
    return found


def with_field(tmp_path: Path, found: str, instead: str) -> Contract:
    return read_contract(write(tmp_path, spoil(YAML, found, instead)))


def test_a_contract_implies_its_rules_in_a_fixed_order(model: Contract) -> None:
    assert [each.id for each in model.rules] == [
        "fault",
        "required.school_id",
        "key",
        "length.school_id",
        "range.seats",
        "codes.status",
        "some_seats",
        "open_school_has_seats",
    ]
    assert [each.generated for each in model.rules] == [True] * 6 + [False] * 2


def test_each_rule_says_what_it_wants(model: Contract) -> None:
    assert rule(model, "fault").kwargs == {"column": "fault"}
    assert rule(model, "key").kwargs == {"column": "school_id"}
    assert rule(model, "key").expectation == "expect_column_values_to_be_unique"
    assert rule(model, "range.seats").kwargs == {
        "column": "seats",
        "min_value": 0,
        "max_value": None,
    }
    assert rule(model, "range.seats").text_zh == "学位数不应小于 0"
    assert rule(model, "length.school_id").text_en == "School must have at most 10 characters"
    assert rule(model, "codes.status").kwargs["value_set"] == ["正常", "停办"]
    assert rule(model, "codes.status").severity == "error"
    assert rule(model, "some_seats").severity == "warning"
    assert rule(model, "some_seats").text_en == "too many places"
    assert rule(model, "open_school_has_seats").expectation == "sql"
    assert rule(model, "open_school_has_seats").columns == ("status", "seats")


def test_a_compound_key_is_unique_together(tmp_path: Path) -> None:
    contract = with_field(
        tmp_path,
        "logicalType: integer\n",
        "logicalType: integer\n        primaryKey: true\n        primaryKeyPosition: 2\n",
    )
    assert contract.key == ("school_id", "seats")
    assert rule(contract, "key").expectation == "expect_compound_columns_to_be_unique"
    assert rule(contract, "key").columns == ("school_id", "seats")
    assert rule(contract, "key").text_zh == "学校标识码、学位数在一次报送内不能重复"


def test_an_open_vocabulary_warns_that_a_code_is_not_mapped(tmp_path: Path) -> None:
    contract = with_field(
        tmp_path,
        "value: Status}",
        "value: Status}\n          - {property: vocabulary, value: open}",
    )
    assert rule(contract, "codes.status").severity == "warning"
    assert "待映射" in rule(contract, "codes.status").text_zh


def test_a_range_of_days_is_written_in_sql(tmp_path: Path) -> None:
    contract = with_field(
        tmp_path,
        "logicalType: date\n",
        "logicalType: date\n        logicalTypeOptions: {minimum: '2000-01-01', maximum: '2030-12-31'}\n",
    )
    found = rule(contract, "range.opened_on")
    assert found.kwargs == {
        "condition": """"opened_on" >= '2000-01-01' AND "opened_on" <= '2030-12-31'"""
    }
    assert found.columns == ("opened_on",)


def test_a_pattern_is_explained_in_words_where_they_are_given(tmp_path: Path) -> None:
    contract = with_field(tmp_path, "{maxLength: 10}", "{pattern: '^x$'}")
    assert rule(contract, "pattern.school_id").text_zh == "学校标识码格式应为：^x$"
    contract = with_field(
        tmp_path,
        "{maxLength: 10}\n        customProperties: [",
        "{pattern: '^x$'}\n        customProperties: [{property: shape, value: 一个 x / one x}, ",
    )
    assert rule(contract, "pattern.school_id").text_en == "School must look like this: one x"


def test_a_token_is_judged_in_its_own_column(tmp_path: Path) -> None:
    yaml = spoil(YAML, "name: opened_on\n", "name: phone\n        required: true\n")
    yaml = spoil(
        yaml,
        "logicalType: date\n        classification: public",
        "logicalType: string\n        classification: personal",
    )
    yaml = spoil(
        yaml,
        "value: Opened on}",
        "value: Phone}, {property: handling, value: token}, {property: tokenName, value: phone_token}",
    )
    contract = read_contract(write(tmp_path, yaml))
    assert rule(contract, "required.phone").kwargs == {"column": "phone_token"}
    assert contract.by_name["phone"].column == "phone_token"


LIBRARY = """\
        quality:
          - id: own
            type: library
            {body}
            description: 自己的 / its own
"""


@pytest.mark.parametrize(
    ("body", "expectation", "kwargs"),
    [
        ("metric: nullValues\n            mustBe: 0", "expect_column_values_to_not_be_null", {"column": "seats"}),
        ("metric: duplicateValues\n            mustBe: 0", "expect_column_values_to_be_unique", {"column": "seats"}),
        (
            "metric: invalidValues\n            mustBe: 0\n            arguments: {pattern: '^x'}",
            "expect_column_values_to_match_regex",
            {"column": "seats", "regex": "^x"},
        ),
        (
            "metric: invalidValues\n            mustBe: 0\n            arguments: {validValues: [a, b]}",
            "expect_column_values_to_be_in_set",
            {"column": "seats", "value_set": ["a", "b"]},
        ),
        ("metric: rowCount\n            mustBeGreaterThan: 9", "expect_table_row_count_to_be_between", {"min_value": 10}),
    ],
)  # fmt: skip
def test_the_standards_own_metrics(
    tmp_path: Path, body: str, expectation: str, kwargs: dict[str, object]
) -> None:
    contract = with_field(
        tmp_path,
        "      - name: opened_on\n",
        LIBRARY.format(body=body) + "      - name: opened_on\n",
    )
    found = rule(contract, "own")
    assert (found.expectation, dict(found.kwargs)) == (expectation, kwargs)
    assert found.columns == (() if "row_count" in expectation else ("seats",))


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("metric: nullValues\n            mustBe: 1", "mustBe"),
        ("metric: invalidValues\n            mustBe: 0", "metric"),
        ("metric: missingValues\n            mustBe: 0", "metric"),
        ("metric: rowCount\n            mustBe: 0", ""),
    ],
)
def test_metrics_that_mean_nothing_here(
    problems: Callable[..., list[Problem]], body: str, path: str
) -> None:
    found = problems(
        ("      - name: opened_on\n", LIBRARY.format(body=body) + "      - name: opened_on\n")
    )
    assert [p.path for p in found] == [f"schema[0].properties[1].quality[0].{path}".rstrip(".")]


NAMED = """\
      - id: asked
        type: custom
        engine: greatExpectations
        implementation: {implementation}
      - id: some_seats
"""


@pytest.mark.parametrize(
    ("implementation", "path"),
    [
        ("{type: expect_column_values_to_be_school_codes, kwargs: {column: schol_id}}", "column"),
        ("{type: expect_column_values_to_be_school_codes, kwargs: {column: seats}}", "column"),
        ("{type: expect_column_values_to_be_school_codes, kwargs: {}}", "column"),
        ("{type: expect_column_values_to_be_school_codes, kwargs: {column: school_id, state: x}}", "state"),
        ("{type: expect_column_values_to_be_school_codes, kwargs: {column: school_id, province: 北京}}", "province"),
        ("{type: expect_column_values_to_be_health_institution_codes, kwargs: {column: school_id, part: x}}", "part"),
        ("{type: expect_columns_to_be_in_time_order, kwargs: {column_list: [opened_on]}}", "column_list"),
        ("{type: expect_columns_to_be_in_time_order, kwargs: {column_list: [opened_on, seats]}}", "column_list[1]"),
        ("{type: expect_column_values_to_be_divisions_on_date, kwargs: {column: school_id}}", "date_column"),
        ("{type: expect_coordinates_to_be_in_box, kwargs: {longitude: seats, latitude: seats}}", "longitude"),
    ],
)  # fmt: skip
def test_the_arguments_of_an_expectation_by_name_are_checked(
    problems: Callable[..., list[Problem]], implementation: str, path: str
) -> None:
    [problem] = problems(("      - id: some_seats\n", NAMED.format(implementation=implementation)))
    assert problem.path == f"schema[0].quality[0].implementation.kwargs.{path}"


def test_an_expectation_by_name_has_its_words_and_takes_others(tmp_path: Path) -> None:
    implementation = (
        "{type: expect_column_values_to_be_social_credit_codes, kwargs: {column: school_id}}"
    )
    yaml = NAMED.format(implementation=implementation)
    own = rule(with_field(tmp_path, "      - id: some_seats\n", yaml), "asked")
    assert own.kwargs == {"condition": 'star.is_uscc("school_id")'}
    assert own.columns == ("school_id",)
    assert own.text_zh.startswith("学校标识码应为 18 位统一社会信用代码")
    assert own.text_en.startswith("School must be a unified social credit code")
    yaml = yaml.replace("      - id: some", "        description: 错 / wrong\n      - id: some")
    told = rule(with_field(tmp_path, "      - id: some_seats\n", yaml), "asked")
    assert (told.text_zh, told.text_en) == ("错", "wrong")


POINTS = """\
      - {name: x, logicalType: number, classification: public}
      - {name: y, logicalType: number, classification: public}
    quality:
"""
BOX = "{west: 116, east: 117, south: 39, north: 40}"


def at(system: str, box: str) -> str:
    return f"{{type: expect_coordinates_to_be_in_box, kwargs: {{longitude: x, latitude: y, system: {system}, box: {box}}}}}"


@pytest.mark.parametrize(
    ("system", "box", "path"),
    [
        ("WGS-84", BOX, "system"),
        ("BD-09", "{west: 117, east: 116, south: 39, north: 40}", "box"),
        ("BD-09", "{west: 116, east: 117, south: 39}", "box"),
        ("BD-09", "{west: 39, east: 40, south: 116, north: 117}", "box"),
        ("BD-09", "{west: 116, east: 117, south: 39, north: 40, top: 1}", "box.top"),
    ],
)
def test_a_box_says_its_system_and_its_four_sides(
    problems: Callable[..., list[Problem]], system: str, box: str, path: str
) -> None:
    [problem] = problems(
        ("    quality:\n", POINTS),
        ("      - id: some_seats\n", NAMED.format(implementation=at(system, box))),
    )
    assert problem.path == f"schema[0].quality[0].implementation.kwargs.{path}"


def test_swapped_axes_are_a_warning_beside_the_box(tmp_path: Path) -> None:
    yaml = spoil(YAML, "    quality:\n", POINTS)
    entry = NAMED.format(implementation=at("CGCS2000", BOX))
    contract = read_contract(write(tmp_path, spoil(yaml, "      - id: some_seats\n", entry)))
    told = [(each.id, each.severity) for each in contract.rules if each.named]
    assert told == [("asked", "error"), ("asked.swapped", "warning")]
    assert "CGCS2000" in rule(contract, "asked").text_zh


def test_a_day_is_cut_in_the_time_zone_of_the_file(tmp_path: Path) -> None:
    yaml = spoil(YAML, "logicalType: date\n", "logicalType: timestamp\n")
    yaml = spoil(yaml, "{names: ['样例*']}", "{names: ['样例*'], timeZone: Asia/Tokyo}")
    kwargs = "{column: school_id, date_column: opened_on}"
    entry = NAMED.format(
        implementation=f"{{type: expect_column_values_to_be_divisions_on_date, kwargs: {kwargs}}}"
    )
    contract = read_contract(write(tmp_path, spoil(yaml, "      - id: some_seats\n", entry)))
    assert "AT TIME ZONE 'Asia/Tokyo'" in rule(contract, "asked").kwargs["condition"]
    assert (rule(contract, "asked").registry, rule(contract, "key").registry) == ("area", None)
