"""A feed of the user's own: two files in a folder of theirs, and no Python."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from etl.cli.main import run
from tests.make import write_csv

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: hotline.town_app
name: 镇街小程序诉求（测试）
version: '1.0.0'
status: draft
domain: hotline
description:
  purpose: 测试：用户自己的数据源 / a feed of the user's own
team:
  name: 测试组（示例）
slaProperties:
  - {property: frequency, value: daily}
schema:
  - name: town_app
    businessName: 镇街小程序诉求
    properties:
      - {name: order_id, businessName: 诉求号, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1,
         classification: internal, customProperties: [{property: englishName, value: Number}]}
      - {name: opened_at, businessName: 提交时间, logicalType: timestamp, required: true,
         classification: internal, customProperties: [{property: englishName, value: Opened at}]}
      - {name: phone, businessName: 手机号, logicalType: string, classification: personal,
         customProperties: [{property: englishName, value: Phone}, {property: handling, value: token}, {property: tokenName, value: caller_token}]}
      - {name: town, businessName: 镇街, logicalType: string, required: true,
         classification: internal, customProperties: [{property: englishName, value: Town}]}
customProperties:
  - {property: englishName, value: Town app (test)}
  - {property: mode, value: delta}
  - property: period
    value:
      - {from: fileName, grain: day, pattern: '_(?P<year>20\\d{2})(?P<month>\\d{2})(?P<day>\\d{2})'}
  - property: file
    value: {names: ['小程序_*']}
"""

LOAD = """\
-- Demands of the town app as orders.

-- target: fact_work_order
SELECT
    row_no, 'town-app:' || order_id AS order_id, NULL AS case_id, NULL AS channel_id, NULL AS category_id,
    town AS area_id, NULL AS unit_id, NULL AS handling_role, NULL AS order_type, NULL AS urgency, NULL AS livelihood,
    opened_at, NULL::timestamptz AS dispatched_at, NULL::timestamptz AS signed_at, NULL::timestamptz AS deadline_at,
    NULL::timestamptz AS closed_at, NULL::timestamptz AS called_back_at, NULL::boolean AS is_valid_callback,
    NULL::boolean AS is_contacted, NULL AS resolution, NULL AS satisfaction, NULL::int AS return_count,
    NULL::int AS extension_days, NULL::boolean AS is_excluded, NULL AS exclusion_reason, caller_token,
    NULL::timestamptz AS source_at
FROM staging
"""


@pytest.fixture
def feeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "my feeds"
    (folder / "hotline").mkdir(parents=True)
    (folder / "hotline" / "town_app.yaml").write_text(CONTRACT, encoding="utf-8")
    (folder / "hotline" / "town_app.load.sql").write_text(LOAD, encoding="utf-8")
    monkeypatch.setenv("MINSHENG_FEEDS", str(folder))
    return folder


@pytest.mark.usefixtures("ingest_settings", "feeds")
def test_two_files_and_a_command_fill_an_existing_fact(
    tmp_path: Path, fresh_database: sa.Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = write_csv(
        tmp_path / "小程序_20240305.csv",
        ["诉求号", "提交时间", "手机号", "镇街"],
        [
            ["A1", "2024-03-05 09:00:00", "13800000000", "黄村镇"],
            ["A2", "2024年3月5日 10:30", "13800000000", "黄村镇"],
            ["A3", "三月五日", "13800000001", "旧宫镇"],
        ],
    )
    assert run(["ingest", str(sent), "--json"]) == 0
    (receipt,) = json.loads(capsys.readouterr().out)
    assert (receipt["feed"], receipt["period"], receipt["state"]) == (
        "hotline.town_app",
        "2024-03-05..2024-03-05",
        "loaded",
    )
    assert [receipt[name] for name in ("rows", "loaded", "quarantined")] == [3, 2, 1]
    with fresh_database.connect() as connection:
        orders = connection.execute(
            sa.text(
                "SELECT order_id, area_key > 0, caller_token FROM star.fact_work_order ORDER BY order_id"
            )
        ).all()
    assert [(order, known) for order, known, _ in orders] == [
        ("town-app:A1", True),
        ("town-app:A2", True),
    ]
    assert len({token for _, _, token in orders}) == 1
    assert "13800000000" not in str(orders)


@pytest.mark.usefixtures("ingest_settings", "feeds")
def test_a_feed_folder_is_also_known_by_its_folder_in_the_landing_zone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = write_csv(
        tmp_path / "hotline" / "town_app" / "今日_20240306.csv",
        ["诉求号", "提交时间", "手机号", "镇街"],
        [["B1", "2024-03-06 09:00:00", None, "黄村镇"]],
    )
    assert run(["ingest", str(sent), "--json"]) == 0
    assert [each["state"] for each in json.loads(capsys.readouterr().out)] == ["loaded"]
