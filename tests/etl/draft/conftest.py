"""A warehouse, and a feeds folder whose contracts a test may change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from etl.context import Context
from etl.contract import Contract, read_contract
from etl.settings import Settings
from tests.etl.load.files import Desk

SEATS = """\
apiVersion: v3.2.0
kind: DataContract
id: education.private_seats
name: 民办园学位
version: '1.0.0'
status: active
domain: education
description: {purpose: 民办幼儿园备案学位（示例）}
team: {name: 区教委数据组（示例）}
slaProperties:
  - {property: frequency, value: quarterly}
customProperties:
  - {property: mode, value: delta}
  - property: period
    value:
      - {from: fileName, grain: quarter}
  - {property: file, value: {names: ['民办园学位*']}}
schema:
  - name: private_seats
    properties:
      # 备案号不重复 the number is never used twice
      - name: filing_no
        businessName: 备案号
        logicalType: string
        primaryKey: true
        classification: public
      - name: school_id
        businessName: 学校标识码
        logicalType: string
        required: true
        classification: public
        logicalTypeOptions: {pattern: '^\\d{10}$'}
        synonyms:
          - {synonym: 学校代码, source: synthetic, customProperties: [{property: year, value: 2018}]}  # 旧表头 old
      - {name: stage, businessName: 学段, logicalType: string, classification: public,
         enum: [{value: 幼儿园, label: kindergarten}, {value: 小学, label: primary}]}
      - name: seats   # 个 places
        businessName: 核定学位数
        logicalType: integer
        required: true
        classification: public
      - name: filed_on
        businessName: 备案日期
        logicalType: date
        required: true
        classification: public
    quality:
      - id: filed_in_this_century
        type: sql
        query: filed_on >= '2000-01-01'
        mustBe: true
        severity: error
        description: 备案日期不应早于 2000 年 / filed before 2000
"""
QUERY = """\
-- target: fact_seat_change
SELECT
    row_no,
    filing_no AS change_id,
    school_id,
    stage,
    '新建' AS change_type,
    seats,
    filed_on AS effective_on
FROM staging
"""


@dataclass
class Authors(Desk):
    """A desk with a feed of its own, whose contract can be changed."""

    contract_path: Path

    def __init__(self, ctx: Context, folder: Path, contract_path: Path) -> None:
        super().__init__(ctx, folder)
        self.contract_path = contract_path

    @property
    def contract(self) -> Contract:
        """The contract as it stands now."""
        return read_contract(self.contract_path)


@pytest.fixture
def authors(ingest_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authors:
    """A warehouse of this test's own and `education.private_seats` in a folder of feeds."""
    path = tmp_path / "feeds" / "education" / "private_seats.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(SEATS, "utf-8")
    path.with_suffix(".load.sql").write_text(QUERY, "utf-8")
    monkeypatch.setenv("MINSHENG_FEEDS", str(tmp_path / "feeds"))
    return Authors(Context.of(Settings.load()), tmp_path, path)
