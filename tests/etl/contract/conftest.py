"""A small right contract, for tests to spoil."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from etl.contract import Contract, ContractProblem, Problem, read_contract

YAML = """\
apiVersion: v3.2.0
kind: DataContract
id: education.model
name: 样例
version: '1.0.0'
status: active
domain: education
description: {purpose: 测试 test}
team: {name: 测试组}
slaProperties:
  - {property: frequency, value: monthly}
  - {property: deadline, value: 10, unit: d}
customProperties:
  - {property: englishName, value: Model}
  - {property: mode, value: full}
  - property: period
    value:
      - {from: fileName, grain: month, pattern: '(?P<year>20\\d{2})-(?P<month>\\d{2})'}
  - {property: file, value: {names: ['样例*']}}
schema:
  - name: model
    properties:
      - name: school_id
        businessName: 学校标识码
        logicalType: string
        required: true
        primaryKey: true
        primaryKeyPosition: 1
        classification: public
        logicalTypeOptions: {maxLength: 10}
        customProperties: [{property: englishName, value: School}]
      - name: seats
        businessName: 学位数
        logicalType: integer
        classification: public
        logicalTypeOptions: {minimum: 0}
        customProperties: [{property: englishName, value: Places}]
      - name: opened_on
        businessName: 启用日期
        logicalType: date
        classification: public
        synonyms:
          - {synonym: 启用时间, source: synthetic, customProperties: [{property: year, value: 2018}]}
        customProperties: [{property: englishName, value: Opened on}]
      - name: status
        businessName: 状态
        logicalType: string
        classification: public
        enum: [{value: 正常, label: open}, {value: 停办, label: closed}]
        customProperties:
          - {property: englishName, value: Status}
          - {property: aliases, value: {在办: 正常}}
    quality:
      - id: some_seats
        type: custom
        engine: greatExpectations
        implementation:
          type: expect_column_values_to_be_between
          kwargs: {column: seats, max_value: 5000}
        severity: warning
        description: 学位太多 / too many places
      - id: open_school_has_seats
        type: sql
        query: status <> '正常' OR seats > 0
        mustBe: true
        description: 在办学校学位为零 / an open school without places
        customProperties: [{property: level, value: row}]
"""
SQL = """\
-- A model.

-- target: dim_school
SELECT
    row_no,
    school_id,
    school_id AS school_name,
    NULL AS school_category,
    NULL AS running_type,
    NULL AS uscc,
    '110115000000' AS area_id,
    status
FROM staging
"""


def write(folder: Path, yaml: str = YAML, sql: str | None = SQL, name: str = "model") -> Path:
    """Write a feed's two files as `<folder>/education/<name>.yaml`."""
    path = folder / "education" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml, encoding="utf-8")
    if sql is not None:
        path.with_suffix(".load.sql").write_text(sql, encoding="utf-8")
    return path


def spoil(text: str, found: str, instead: str) -> str:
    """The text with one place changed, which must be there."""
    assert found in text, found
    return text.replace(found, instead, 1)


@pytest.fixture
def model(tmp_path: Path) -> Contract:
    return read_contract(write(tmp_path))


@pytest.fixture
def problems(tmp_path: Path) -> Callable[..., list[Problem]]:
    """What is wrong with the model after these changes of its YAML."""

    def read(*changes: tuple[str, str], sql: str | None = SQL) -> list[Problem]:
        yaml = YAML
        for found, instead in changes:
            yaml = spoil(yaml, found, instead)
        with pytest.raises(ContractProblem) as raised:
            read_contract(write(tmp_path, yaml, sql))
        return list(raised.value.problems)

    return read
