"""The identifier checks in SQL, on the published vectors."""

from __future__ import annotations

import random

import pytest
import sqlalchemy as sa

from tests.expectations.rule_types import identity_check, no_identity_number


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("is_uscc('91350100M000100Y43')", True),
        ("is_uscc('51110115XX0000019H')", True),
        ("is_uscc('52110115XX0000019E')", True),
        ("is_uscc('52110115XX0000019F')", False),  # check character
        ("is_uscc('91350100M000200Y43')", False),  # organisation part
        ("is_uscc('91350100M000100Y4')", False),  # one short
        ("is_uscc('91350100m000100y43')", False),  # not normalised
        ("is_uscc('9135010OM000100Y43')", False),  # letter O
        ("is_uscc('')", False),
        ("is_uscc(NULL)", None),
        ("is_gb11714('M000100Y4')", True),
        ("is_gb11714('M000100Y5')", False),
        ("is_gb11714(NULL)", None),
        ("is_identity_card('110115189912310018')", True),
        ("is_identity_card('110115189912310019')", False),
        ("has_identity_card('误填身份证号１１０１１５１８９９１２３１００１８，请核实')", True),
        ("has_identity_card('工单编号110115189912310017')", False),
        ("has_identity_card('无')", False),
        ("has_identity_card('110115 18991231 0018')", True),
        ("has_identity_card('工单编号110115189912310018')", False),
        ("is_identity_card('11011519000229001X')", False),  # 1900 had no such day
        ("is_identity_card('830000199001010012')", True),
        ("is_day('20000229')", True),
        ("is_day('21000101')", False),
        ("is_day('2000022')", False),
        ("has_identity_card(NULL)", None),
        ("has_phone('请联系13800000000张先生')", True),
        ("has_phone('电话：１３８００００００００')", True),
        ("has_phone('010-60000000转8')", True),
        ("has_phone('110115001001')", False),
        ("has_phone('编号213800000000')", False),
        ("has_phone(NULL)", None),
    ],
)
def test_checks_follow_the_standards(
    module_database: sa.Engine, call: str, expected: bool | None
) -> None:
    with module_database.connect() as connection:
        assert connection.execute(sa.text(f"SELECT star.{call}")).scalar_one() is expected


def test_identity_numbers_are_seen_in_any_surroundings(module_database: sa.Engine) -> None:
    """Texts of pieces that look like parts of a number, against a second implementation."""
    chance = random.Random(11643)

    def number() -> str:
        day = chance.choice(["18991231", "20200230", "20000229", "19990931", "20991231"])
        serial = f"{chance.choice(['110115', '200000', '830000'])}{day}{chance.randrange(1000):03}"
        check = identity_check(serial) if chance.random() < 0.8 else "5"
        digits = serial + chance.choice([check, check.lower()])
        gaps = chance.choice([[], [], [6], [6, 14], [4, 8, 12, 16], [17]])
        for gap in reversed(gaps):
            digits = (
                digits[:gap] + chance.choice(["-", " ", "　", "－", " - ", "    "]) + digits[gap:]
            )
        return digits

    pieces = [
        "",
        "张三",
        "工单号：",
        "订单",
        "ID",
        "No.",
        "GD",
        " ",
        "-",
        "7",
        "13800138000",
        "，",
        "Ｘ",
        "x",
        "（",
    ]
    texts = [
        chance.choice(pieces) + chance.choice(pieces) + number() + chance.choice(pieces) + chance.choice(["", number()])
        for _ in range(3000)
    ]  # fmt: skip
    with module_database.connect() as connection:
        asked = "SELECT t FROM unnest(CAST(:texts AS text[])) AS t WHERE star.has_identity_card(t)"
        found = set(connection.execute(sa.text(asked), {"texts": texts}).scalars())
    wanted = {text for text in texts if not no_identity_number(text)}
    assert found ^ wanted == set()
    assert 100 < len(wanted) < 2500
