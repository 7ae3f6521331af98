"""Reconciliation: each check with two sides that agree and two that do not, worked out by hand; what ended it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from etl.errors import MinshengError
from etl.evaluate import evaluate_newest
from etl.evaluate.reconcile import load_checks, reconcile
from etl.evaluate.run import Reading, reading, schedules
from etl.plan import FOLDER
from tests.etl.load.files import AREA, INSTITUTION, Desk

RULES = FOLDER / "reconciliation.yaml"
ESTATE = ["小区编码", "小区名称", "社区代码", "户数", "建成年代", "是否三无", "是否老旧小区"]
PEOPLE = ["区划代码", "年份", "常住人口", "口径"]


def found(desk: Desk, day: date = date(2021, 3, 31)) -> list[dict[str, Any]]:
    with reading(desk.ctx) as connection:
        listed = reconcile(Reading(connection, schedules(desk.ctx), day))
    return [each.as_dict() for each in listed]


def test_towns_add_up_to_the_district_within_the_tolerance(desk: Desk) -> None:
    desk.register()
    rows = [
        ["110115006000", 2020, 40000],
        ["110115101000", 2020, 59700],
        ["110115000000", 2020, 100000],
    ]
    desk.send("常住人口_2020年.csv", PEOPLE, [[*row, "年报"] for row in rows])
    assert found(desk) == []  # 0.3 % apart
    rows[1][2] = 50000
    desk.send("常住人口_2020年_更正.csv", PEOPLE, [[*row, "年报"] for row in rows])
    (apart,) = found(desk)
    assert (apart["code"], apart["left"], apart["right"]) == (
        "towns_make_the_district",
        90000,
        100000,
    )


def test_an_estate_in_a_community_that_left_the_register(desk: Desk) -> None:
    desk.register()
    rows = [
        [f"X{n}", f"小区{n}", code, 10, 1990, "否", "是"]
        for n, code in ((1, "110115006001"), (2, "110115101001"))
    ]
    desk.send("小区台账_2020年第4季度.csv", ESTATE, rows)
    assert found(desk) == []
    register = [
        ["110115000000", "大兴区", None, "区县", None],
        ["110115006000", "旧宫地区办事处", "110115000000", "镇街", None],
        ["110115101000", "青云店镇", "110115000000", "镇街", None],
        ["110115006001", "一社区", "110115006000", "社区", None],
    ]
    held = desk.send("区划登记_2021年1月31日.csv", AREA, register)
    assert held.state in ("loaded", "held")
    if held.state == "held":
        from etl import ledger
        from etl.ingest import carry

        with desk.ctx.engine.begin() as connection:
            ledger.release(connection, held.delivery_id, "测试")
        assert carry(held, desk.ctx).state == "loaded"
    (apart,) = found(desk)
    assert (apart["code"], apart["left"], apart["right"], apart["owner"]) == (
        "estates_in_communities", 1, 0, "housing",
    )  # fmt: skip


def test_medical_places_of_elderly_care_need_a_facility(desk: Desk) -> None:
    desk.register()
    row = ["I1", "夕阳养老院医务室", 1, "110115006001", "2010-01-01", "执业"]
    desk.send("医疗卫生机构_2021年3月.csv", INSTITUTION, [row])
    (apart,) = found(desk)
    assert (apart["code"], apart["left"], apart["right"]) == ("elderly_care_in_both", 1, 0)
    assert apart["area"].startswith("旧宫")


def test_it_is_kept_with_the_evaluation_and_says_what_ended_it(desk: Desk) -> None:
    desk.register()
    row = ["I1", "夕阳养老院医务室", 1, "110115006001", "2010-01-01", "执业"]
    desk.send("医疗卫生机构_2021年3月.csv", INSTITUTION, [row])
    evaluate_newest(desk.ctx.settings)
    asked = "SELECT reconciliation_code, is_open, ended_by FROM bi.reconciliation"
    assert desk.ask(asked) == [("elderly_care_in_both", True, None)]
    row[1] = "社区诊所"
    mended = desk.send("医疗卫生机构_2021年4月.csv", INSTITUTION, [row])
    evaluate_newest(desk.ctx.settings)
    assert desk.ask(asked) == [("elderly_care_in_both", False, mended.delivery_id)]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"relation": "le"}, "le"),
        ({"sql": "nowhere"}, "nowhere"),
        ({"colour": "red"}, "colour"),
        ({"figures": True}, "certified_within_workers"),
    ],
)
def test_a_rule_that_is_wrong_is_refused_by_name(
    tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    entries = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    path = tmp_path / "reconciliation.yaml"
    path.write_text(
        yaml.safe_dump([{**entries[0], **change}], allow_unicode=True), encoding="utf-8"
    )
    with pytest.raises(MinshengError) as refused:
        load_checks(path)
    assert named in str(refused.value)
