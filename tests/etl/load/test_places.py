"""Towns under their many names: one place, one handling unit, whatever came first."""

from __future__ import annotations

import pytest

from tests.etl.load.files import ORDER, STAFF, Desk, order, staff

FORMS = ["旧宫镇", "旧宫", "大兴区旧宫镇", "旧宫镇人民政府", "旧宫地区办事处", "大兴区旧宫地区"]
UNITS = "SELECT unit_kind, unit_name, count(*) FROM bi.work_order GROUP BY 1, 2 ORDER BY 1, 2"


@pytest.mark.parametrize("register_first", [True, False])
def test_a_town_is_one_unit_and_one_place_in_every_form(desk: Desk, register_first: bool) -> None:
    rows = [order(f"W{n}", form, form) for n, form in enumerate(FORMS)]
    rows.append(order("W9", "青云店镇", "区住建委"))
    if register_first:
        desk.register()
    desk.send("接诉即办工单_2024-01-05.csv", ORDER, rows)
    if not register_first:
        assert len(desk.ask(UNITS)) == len(FORMS) + 1
        desk.register()
    assert desk.ask(UNITS) == [("department", "区住建委", 1), ("town", "旧宫地区", len(FORMS))]
    towns = "SELECT town_code, count(*) FROM bi.work_order GROUP BY 1 ORDER BY 1"
    assert desk.ask(towns) == [("110115006000", len(FORMS)), ("110115101000", 1)]


def test_what_is_no_town_of_the_register_is_kept_out_with_the_reason(desk: Desk) -> None:
    desk.register()
    rows = [staff("2020-01", name) for name in ("旧宫镇", "大兴区", "某处", "某某镇")]
    done = desk.send("社工与社区工作者月报_2020年1月.csv", STAFF, rows)
    assert (done.loaded, done.quarantined) == (1, 3)
    reasons = desk.ask(
        "SELECT reasons -> 0 ->> 'rule', reasons -> 0 ->> 'found' FROM ledger.quarantine ORDER BY row_no"
    )
    assert reasons == [("register.town", name) for name in ("大兴区", "某处", "某某镇")]  # fmt: skip


def test_without_a_register_nothing_can_be_judged_and_that_is_said(desk: Desk) -> None:
    done = desk.send("社工与社区工作者月报_2020年1月.csv", STAFF, [staff("2020-01", "某某镇")])
    assert (done.loaded, [r["rule"] for r in done.reasons]) == (1, ["register.town"])


@pytest.mark.parametrize("register_first", [True, False])
def test_two_names_of_one_town_in_one_file_contradict_each_other(
    desk: Desk, register_first: bool
) -> None:
    if register_first:
        desk.register()
    rows = [staff("2020-01", "旧宫镇"), staff("2020-01", "旧宫", 12), staff("2020-01", "青云店镇")]
    desk.send("社工与社区工作者月报_2020年1月.csv", STAFF, rows)
    if not register_first:
        desk.register()
    star = desk.ask("SELECT community_workers FROM star.fact_social_worker_month")
    counts = desk.ask(
        "SELECT loaded, quarantined, rows FROM ledger.delivery WHERE feed LIKE '%worker_month'"
    )
    assert (star, counts) == ([(10,)], [(1, 2, 3)])
    open_entries = desk.ask("SELECT count(*) FROM ledger.quarantine WHERE resolved_by IS NULL")
    assert open_entries == [(2,)]


def test_a_name_that_two_towns_claim_is_given_to_none(desk: Desk) -> None:
    done = desk.register(second="旧宫镇")
    told = {r["rule"]: r for r in done.reasons}
    assert told["alias_disputed"]["found"].startswith("大兴区旧宫（110115006000、110115101000）")
    row = desk.send("社工与社区工作者月报_2020年1月.csv", STAFF, [staff("2020-01", "旧宫镇")])
    assert (row.loaded, row.quarantined) == (0, 1)
    later = desk.register("2021年6月30日")  # the newest register that gives the name counts
    assert "alias_disputed" not in {r["rule"] for r in later.reasons}


def test_a_code_that_comes_as_a_row_is_its_own_whoever_called_it_a_name(desk: Desk) -> None:
    desk.register(first="110115101000;旧宫镇")
    towns = desk.ask("SELECT area_code FROM star.dim_area WHERE area_level = 'town' ORDER BY 1")
    assert towns == [("110115006000",), ("110115101000",)]
    keys = desk.ask(
        "SELECT count(DISTINCT area_key) FROM registry.area WHERE area_id LIKE '110115___000'"
    )
    assert keys == [(3,)]  # fmt: skip
