"""Targets and declarations count only once a second person has accepted them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.contract import ContractProblem
from etl.contract.reader import read_contract
from etl.errors import MinshengError
from etl.ingest import carry, ingest
from etl.settings import ROOT, Settings
from tests.make import write_csv

HEADER = (
    "indicator_code", "plan_code", "target_on", "target_value", "comparator", "nature", "basis", "quote",
    "page", "supplied_by", "approved_by", "supplied_on", "definition_version",
)  # fmt: skip
USER = (
    "hlt_institutions_total",
    "test",
    "2025-12-31",
    900,
    "gte",
    "预期性",
    "user_supplied",
    "",
    "",
    "张三",
    "",
    "2022-01-01",
    "1",
)
BARE = (
    "civ_social_orgs_total",
    "test",
    "2025-12-31",
    700,
    "gte",
    "预期性",
    "official",
    "",
    "",
    "李四",
    "",
    "2022-01-01",
    "1",
)


def targets(ctx: Context) -> list[str]:
    with ctx.engine.connect() as connection:
        query = sa.text(
            "SELECT quote_ident(i.indicator_id) FROM known.fact_target AS f JOIN registry.indicator AS i USING (indicator_key)"
        )
        return sorted(connection.execute(query).scalars())


def test_a_target_waits_for_a_person_who_has_not_supplied_it(
    ingest_settings: Settings, tmp_path: Path
) -> None:
    ctx = Context.of(ingest_settings)
    path = tmp_path / "plan_targets_2022-01-01.csv"
    write_csv(path, HEADER, [USER, BARE])
    (held,) = ingest([path], ctx=ctx)
    assert held.state == "held"
    (reason,) = held.reasons
    assert (reason["rule"], reason["found"]) == ("unaccepted", "张三、李四")
    assert f"minsheng release {held.delivery_id} --by" in reason["fix_zh"]
    assert targets(ctx) == []
    with pytest.raises(MinshengError) as refused:
        ledger.release(held.delivery_id, " 张三 ", ctx)
    assert refused.value.reason.code == "same_person"
    loaded = carry(ledger.release(held.delivery_id, "王五", ctx), ctx)
    # The official one has neither quote nor place nor approver.
    assert (loaded.state, loaded.loaded, loaded.quarantined) == ("loaded", 1, 1)
    assert targets(ctx) == ["hlt_institutions_total"]
    with ctx.engine.connect() as connection:
        rules = connection.execute(sa.text("SELECT reasons FROM ledger.quarantine")).scalar_one()
    assert "official_has_evidence" in str(rules)


def test_examples_need_nobody(ingest_settings: Settings, tmp_path: Path) -> None:
    """They are never official; one row that is none holds the delivery, by that row's supplier alone."""
    ctx = Context.of(ingest_settings)
    example = list(USER)
    example[HEADER.index("basis")] = "示例"
    write_csv(tmp_path / "plan_targets_2022-01-01.csv", HEADER, [example])
    mixed = [
        ["civ_social_orgs_total", *example[1:]],
        ["edu_compulsory_seats_added", *USER[1:9], "赵六", *USER[10:]],
    ]
    write_csv(tmp_path / "plan_targets_2022-01-02.csv", HEADER, mixed)
    alone, held = ingest([tmp_path], ctx=ctx)
    assert (alone.state, targets(ctx)) == ("loaded", ["hlt_institutions_total"])
    assert (held.state, held.reasons[0]["found"], held.reasons[0]["rows"]) == ("held", "赵六", 1)


def test_a_contract_names_a_field_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "reference" / "plan_target.yaml"
    shutil.copytree(ROOT / "expectations" / "reference", path.parent)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("otherThan: supplied_by", "otherThan: supplier"), encoding="utf-8")
    with pytest.raises(ContractProblem, match="acceptance") as refused:
        read_contract(path)
    assert "supplier" in str(refused.value)
