"""Reading a contract: defaults, and every fault with its file, path, found, expected and cure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from etl.contract import Contract, ContractProblem, Problem, read_contract
from tests.etl.contract.conftest import SQL, YAML, spoil, write

Problems = Callable[..., list[Problem]]


def test_a_right_contract_is_resolved(model: Contract) -> None:
    assert (model.feed, model.department, model.name_en) == (
        "education.model",
        "education",
        "Model",
    )
    assert (model.mode, model.cadence, model.deadline_days) == ("full", "monthly", 10)
    assert model.key == ("school_id",)
    rules = {rule.id: rule.severity for rule in model.delivery_rules}
    held = ["future_period", "resaved_period", "volume", "rows_unusual", "closing", "column_gone"]
    warned = ["value_gone", "shares_shifted"]
    assert rules == dict.fromkeys(held, "hold") | dict.fromkeys(warned, "warn")
    assert model.file.encodings == ("utf-8", "gb18030")
    assert model.file.time_zone == "Asia/Shanghai"
    assert "无" in model.file.placeholders
    assert model.modes[0] == ("更正|修正|correction", "correction")
    assert model.by_name["status"].codes == ("正常", "停办")
    assert model.by_name["status"].aliases == {"在办": "正常"}
    assert model.by_name["opened_on"].headers == ("启用日期", "opened_on", "Opened on", "启用时间")
    assert model.by_name["opened_on"].history[-1].since == 2018
    assert model.targets == ("dim_school",)


def test_the_hash_covers_both_files(tmp_path: Path) -> None:
    before = read_contract(write(tmp_path)).hash
    assert read_contract(write(tmp_path, YAML + "# x\n")).hash != before
    assert read_contract(write(tmp_path, YAML, SQL + "-- x\n")).hash != before
    assert read_contract(write(tmp_path)).hash == before


# change, path, a word of what is expected or how to fix it
FAULTS = [
    # the standard's own schema
    (("version: '1.0.0'", "version: 1.0"), "version", "string"),
    (("kind: DataContract\n", ""), "kind", "required"),
    (("status: active", "statsu: active"), "statsu", "did you mean status?"),
    (("maxLength: 10", "maxLenght: 10"), "schema[0].properties[0].logicalTypeOptions.maxLenght", "did you mean maxLength?"),
    (("businessName: 学位数", "bussinessName: 学位数"), "schema[0].properties[1].bussinessName", "did you mean businessName?"),
    (("logicalType: integer", "logicalType: int"), "schema[0].properties[1].logicalType", "integer"),
    (("mustBe: true", "mustbe: true"), "schema[0].quality[1].mustbe", "did you mean mustBe?"),
    # our own rules
    (("apiVersion: v3.2.0", "apiVersion: v3.0.0"), "apiVersion", "v3.2.0"),
    (("version: '1.0.0'", "version: '1'"), "version", "1.0.0"),
    (("id: education.model", "id: education.other"), "id", "education.model"),
    (("domain: education", "domain: health"), "domain", "education"),
    (("team: {name: 测试组}", "team: {}"), "team.name", "required"),
    (("value: monthly", "value: sometimes"), "slaProperties[0].value", "quarterly"),
    (("  - {property: frequency, value: monthly}\n", ""), "slaProperties[frequency]", "monthly"),
    (("property: englishName, value: Model", "property: englishname, value: Model"), "customProperties[englishname]", "did you mean englishName?"),
    (("{property: mode, value: full}", "{property: mode, value: snapshot}"), "customProperties[mode]", "full, delta, window"),
    (("  - {property: mode, value: full}\n", ""), "customProperties[mode]", "full, delta, window"),
    (("{property: mode, value: full}", "{property: mode, value: full}\n  - {property: mode, value: delta}"), "customProperties[mode]", "once"),
    (("from: fileName, grain: month", "from: fileName, grain: quarter"), None, None),
    (("from: fileName, grain: month", "from: fileName, grain: day"), "customProperties[period][0].pattern", "year+month+day"),
    (("from: fileName", "from: filename"), "customProperties[period][0].from", "fileName"),
    (("(?P<year>20", "(?P<year>20("), "customProperties[period][0].pattern", "compiles"),
    (("{names: ['样例*']}", "{names: ['样例*'], encodings: [utf8x]}"), "customProperties[file].encodings[0]", "gb18030"),
    (("{names: ['样例*']}", "{names: ['样例*'], timeZone: Peking}"), "customProperties[file].timeZone", "Asia/Shanghai"),
    (("{names: ['样例*']}", "{names: ['样例*'], header_rows: 2}"), "customProperties[file].header_rows", "did you mean headerRows?"),
    (("{names: ['样例*']}", "{names: ['样例*'], totals: {field: school}}"), "customProperties[file].totals", "school_id"),
    (("{names: ['样例*']}", "{names: ['样例*'], totals: {field: school_id, sums: [status]}}"), "customProperties[file].totals.sums", "number"),
    (("{names: ['样例*']}", "{encodings: [utf-8]}"), "customProperties[file].names", "name patterns"),
    (("classification: public\n        logicalTypeOptions: {minimum: 0}", "classification: secret"), "schema[0].properties[1].classification", "personal"),
    (("classification: public\n        logicalTypeOptions: {minimum: 0}", "classification: personal"), "schema[0].properties[1].customProperties[handling]", "drop, token, restricted"),
    (("value: Places}", "value: Places}, {property: tokenName, value: x}"), "schema[0].properties[1].customProperties[tokenName]", "token"),
    (("value: Places}", "value: Places}, {property: handling, value: token}"), "schema[0].properties[1].customProperties[tokenName]", "required"),
    (("value: Places}", "value: Places}, {property: formats, value: ['%d/%m/%Y']}"), "schema[0].properties[1].customProperties[formats]", "date"),
    (("        required: true\n", ""), None, None),
    (("required: true", "required: false"), "schema[0].properties[0].required", "true"),
    (("        primaryKey: true\n        primaryKeyPosition: 1\n", ""), "schema[0].properties", "key"),
    (("primaryKeyPosition: 1", "primaryKeyPosition: 2"), "schema[0].properties", "key positions"),
    (("name: seats", "name: row_no"), "schema[0].properties[1].name", "reserved"),
    (("name: seats", "name: Seats"), "schema[0].properties[1].name", "lower-case"),
    (("name: seats", "name: school_id"), "schema[0].properties[1]", "does not have"),
    (("businessName: 学位数", "businessName: 状 态"), "schema[0].properties[3]", "seats does not have"),
    (("{minimum: 0}", "{minimum: none}"), "schema[0].properties[1].logicalTypeOptions.minimum", "number"),
    (("{value: 停办, label: closed}", "{value: 正常}"), "schema[0].properties[3].enum[1].value", "not given before"),
    (("{value: 停办, label: closed}", "{value: no}"), "schema[0].properties[3].enum[1].value", "string"),
    (("{在办: 正常}", "{在办: 正常的}"), "schema[0].properties[3].customProperties[aliases].在办", "正常, 停办"),
    (("column: seats, max_value", "column: seat, max_value"), "schema[0].quality[0].columns", "did you mean seats?"),
    (("max_value: 5000", "max_value: '2020-01-01'"), "schema[0].quality[0].implementation.kwargs", "logicalTypeOptions"),
    (("type: expect_column_values_to_be_between", "type: between"), "schema[0].quality[0].implementation.type", "expect_"),
    (("OR seats > 0", "OR seat > 0"), "schema[0].quality[1].columns", "did you mean seats?"),
    (("OR seats > 0", "OR seats > 0 AND school_id ~ '^\\d{10}$'"), "schema[0].quality[1].query", "braces"),
    (("学位太多 / too many places", "学位太多"), "schema[0].quality[0].description", "English"),
    (("id: open_school_has_seats", "id: some_seats"), "schema[0].quality[some_seats]", "not given before"),
    (("status: active\n", "status: active\nstatus: active\n"), "line 7, column 1", "valid YAML"),
    (("status: active\n", "status: active\non: x\n"), "line 7, column 1", "valid YAML"),
    (("{在办: 正常}", "{1: 正常}"), "line 52, column 41", "valid YAML"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "path", "words"), FAULTS)
def test_each_fault_is_named(
    problems: Problems, tmp_path: Path, change: tuple[str, str], path: str | None, words: str | None
) -> None:
    if path is None:
        read_contract(write(tmp_path, YAML.replace(*change, 1)))  # a month gives its quarter, ...
        return
    found = problems(change)
    assert path in [problem.path for problem in found], [str(problem) for problem in found]
    [problem] = [each for each in found if each.path == path]
    assert words is not None
    assert words in f"{problem.expected} {problem.fix}"
    assert problem.file.endswith("education/model.yaml")


def test_all_faults_are_told_at_once(problems: Problems) -> None:
    found = problems(
        ("status: active", "statsu: active"),
        ("value: full", "value: snapshot"),
        ("logicalType: integer", "logicalType: int"),
        sql=None,
    )
    paths = {(Path(problem.file).name, problem.path) for problem in found}
    assert paths >= {
        ("model.yaml", "statsu"),
        ("model.yaml", "customProperties[mode]"),
        ("model.yaml", "schema[0].properties[1].logicalType"),
        ("model.load.sql", ""),
    }


def test_the_message_reads_in_both_languages(tmp_path: Path) -> None:
    with pytest.raises(ContractProblem) as raised:
        read_contract(write(tmp_path, spoil(YAML, "value: full", "value: whole")))
    text = str(raised.value)
    assert "数据契约有" in text
    spoilt = spoil(YAML, "value: full", "value: whole").splitlines()
    line = 1 + next(n for n, text in enumerate(spoilt) if "value: whole" in text)
    assert (
        f'customProperties[mode] (行 line {line}): 实际 found "whole"; 应为 expected one of full'
        in text
    )
    assert raised.value.as_dict()["problems"][0]["file"].endswith("model.yaml")
    assert raised.value.exit_code == 1


SQL_FAULTS = [
    ("-- target: dim_school", "-- target: dim_scool", "did you mean dim_school?"),
    ("-- target: dim_school", "", "sections that start with"),
    ("-- target: dim_school", "-- alias: area", "at least one -- target"),
    ("-- target: dim_school", "-- alias: erea\nSELECT 1 FROM staging\n-- target: dim_school", "did you mean area?"),
    ("SELECT\n", "DELETE FROM staging; SELECT\n", "one SELECT"),
    ("FROM staging\n", "FROM staging; SELECT 1\n", "one SELECT only"),
    ("FROM staging\n", "FROM staged\n", "FROM staging"),
    ("'110115000000' AS area_id", ":period_stop AS area_id", "did you mean :period_start?"),
    ("'110115000000' AS area_id", ":seats_codes AS area_id", ":status_codes"),
    ("FROM staging\n", "FROM staging\n-- target: dim_school\nSELECT 1 FROM staging", "one section a target"),
]  # fmt: skip


@pytest.mark.parametrize(("found", "instead", "words"), SQL_FAULTS)
def test_faults_of_the_load_file_are_named(
    problems: Problems, found: str, instead: str, words: str
) -> None:
    assert found in SQL
    listed = problems(sql=SQL.replace(found, instead, 1))
    assert all(problem.file.endswith("education/model.load.sql") for problem in listed)
    assert any(words in f"{problem.expected} {problem.fix}" for problem in listed), listed


def test_codes_are_written_into_the_query(tmp_path: Path) -> None:
    sql = SQL.replace("'110115000000'", "(status = ANY (:status_codes))::text").replace(
        "NULL AS uscc", "':status_codes' AS uscc, CAST(:period_end AS date) AS valid_from"
    )
    [load] = read_contract(write(tmp_path, YAML, sql)).loads
    assert "ANY (ARRAY['正常', '停办']::text[])" in load.sql
    assert ":period_end" in load.sql
    assert "::text AS area_id" in load.sql


def test_a_file_that_is_no_text_or_no_mapping(tmp_path: Path) -> None:
    path = write(tmp_path, "- a\n- b\n")
    with pytest.raises(ContractProblem, match="a mapping"):
        read_contract(path)
    path.write_bytes("名称: 样例".encode("gb18030"))
    with pytest.raises(ContractProblem, match="UTF-8"):
        read_contract(path)
    path.write_text("a: [1,\n", encoding="utf-8")
    with pytest.raises(ContractProblem, match="line 2"):
        read_contract(path)


def test_the_same_thing(tmp_path: Path) -> None:
    custom = (
        "    customProperties: [{property: sameThing, value: [[seats, opened_on], [status]]}]\n"
    )
    yaml = spoil(YAML, "  - name: model\n", "  - name: model\n" + custom)
    assert read_contract(write(tmp_path, yaml)).same_thing == (("seats", "opened_on"), ("status",))


@pytest.mark.parametrize(
    ("value", "place", "expected"),
    [
        ("[[seat]]", "sameThing][0]", "seats"),
        ("[[school_id, seats]]", "sameThing][0]", "whole business key"),
        ("[[]]", "sameThing][0]", "a list of fields"),
        ("[seats]", "sameThing][0]", "a list"),
    ],
)
def test_the_same_thing_said_wrongly(
    problems: Problems, value: str, place: str, expected: str
) -> None:
    custom = f"    customProperties: [{{property: sameThing, value: {value}}}]\n"
    found = problems(("  - name: model\n", "  - name: model\n" + custom))
    assert any(place in one.path and expected in str(one) for one in found), found


def test_totals_by_need_sums(problems: Problems) -> None:
    found = problems(
        ("{names: ['样例*']}", "{names: ['样例*'], totals: {field: status, by: [opened_on]}}")
    )
    assert [one.path for one in found] == ["customProperties[file].totals.by"]


def test_titles_and_the_words_of_a_pattern_may_be_left_out(tmp_path: Path) -> None:
    yaml = spoil(YAML, "        businessName: 学位数\n", "")
    yaml = spoil(
        yaml, "        customProperties: [{property: englishName, value: Opened on}]\n", ""
    )
    yaml = spoil(yaml, "  - {property: englishName, value: Model}\n", "")
    yaml = spoil(yaml, "{maxLength: 10}", "{pattern: '^44\\d{8}$'}")
    contract = read_contract(write(tmp_path, yaml))
    assert contract.by_name["seats"].title_zh == "seats"
    assert contract.by_name["opened_on"].title_en == "Opened on"
    assert contract.name_en == "样例"
    assert contract.by_name["school_id"].shape == (
        "10 位数字，以 44 开头",
        "10 digits that begin with 44",
    )


def test_the_district_comes_from_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, spoil(YAML, "{maxLength: 10}", "{pattern: '^{district}\\d{4}$'}"))
    assert read_contract(path).by_name["school_id"].pattern == r"^110115\d{4}$"
    monkeypatch.setenv("MINSHENG_DISTRICT", "440106")
    other = read_contract(path)
    assert other.by_name["school_id"].pattern == r"^440106\d{4}$"
    assert "440106" in other.yaml_text, "what is kept of a contract needs no settings"
    assert read_contract(path, "110115").hash != other.hash


def test_rules_on_deliveries_have_a_severity(tmp_path: Path, problems: Problems) -> None:
    more = (
        "{property: mode, value: full}",
        "{property: mode, value: full}\n  - {property: resave, value: warn}\n"
        "  - {property: future, value: allow}\n"
        "  - {property: volume, value: {minShare: 0.9}}\n"
        "  - {property: closing, value: {severity: warn}}",
    )
    contract = read_contract(write(tmp_path, spoil(YAML, *more)))
    severities = {rule.id: rule.severity for rule in contract.delivery_rules}
    assert severities == {
        "resaved_period": "warn",
        "future_period": "allow",
        "volume": "hold",
        "rows_unusual": "hold",
        "value_gone": "warn",
        "shares_shifted": "warn",
        "closing": "warn",
        "column_gone": "hold",
    }
    assert contract.delivery_rule("future_period") is None
    volume, closing = contract.delivery_rule("volume"), contract.delivery_rule("closing")
    assert volume is not None
    assert closing is not None
    assert (volume.share, volume.least, closing.share) == (0.9, 0, 0.5)
    assert "90%" in volume.text_en
    [problem] = problems((more[0], more[1].replace("minShare: 0.9", "minShare: 9")))
    assert problem.path == "customProperties[volume].minShare"
    [problem] = problems(("value: full}", "value: delta}\n  - {property: closing, value: {}}"))
    assert problem.path == "customProperties[closing]"
