"""The identifier checks in SQL, on the published vectors."""

from __future__ import annotations

import pytest
import sqlalchemy as sa


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
