"""The flat views: names as then and today, unknown members apart, and nothing that readers must not see."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import psycopg2
import pytest
import sqlalchemy as sa

from etl.database import SQL, engine_at, migrate
from etl.plan import load_plan
from tests.warehouse.star import DISTRICT, Star

FACTS = {
    name.removeprefix("fact_")
    for path in (SQL / "migrations").glob("*.sql")
    for name in re.findall(r"CREATE TABLE star\.(fact_\w+)", path.read_text("utf-8"))
}


def rows(star: Star, query: str, **values: Any) -> list[Any]:
    return list(star.execute(query, **values).all())


def test_there_is_a_view_for_every_fact(star: Star) -> None:
    views = {
        row.viewname for row in rows(star, "SELECT viewname FROM pg_views WHERE schemaname = 'bi'")
    }
    assert "work_order" in FACTS
    assert views >= FACTS | {"institution", "calendar", "quarantine"}


def test_every_view_and_column_is_explained_in_both_languages(star: Star) -> None:
    shown = rows(
        star,
        "SELECT c.relname, a.attname, obj_description(c.oid) AS view, col_description(c.oid, a.attnum) AS column"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
        " WHERE c.relnamespace = 'bi'::regnamespace AND c.relkind = 'v'",
    )
    assert len(shown) > 200
    for row in shown:
        for text in (row.view, row.column):
            assert text, (row.relname, row.attname)
            assert re.search(r"[\u4e00-\u9fff]", text), (row.relname, row.attname, text)
            assert re.search(r"[A-Za-z]{2}", text), (row.relname, row.attname, text)


def test_no_caller_and_no_free_text(star: Star) -> None:
    columns = {
        row.column_name
        for row in rows(
            star,
            "SELECT column_name FROM information_schema.columns WHERE table_schema IN ('bi', 'label')",
        )
    }
    assert not {
        name for name in columns if re.search(r"caller|phone|title$|content|address", name)
    } - {"source_title"}


@pytest.fixture
def place(star: Star) -> dict[str, int]:
    """A community that changes name and town on 2020-07-01."""
    star.delivery("reference.division")
    star.area(DISTRICT, "大兴区", "district")
    old = star.area("110115005000", "黄村地区", "town")
    new = star.area("110115009000", "观音寺街道", "town")
    moved = star.area(
        "110115005001", "旧名社区", "community", "2016-07-31", "2020-07-01", parent_area_key=old
    )
    star.area("110115005001", "新名社区", "community", "2020-07-01", parent_area_key=new)
    lone = star.area(
        "110115405000", "大兴经济开发区", "virtual", parent_area_key=star.key("area", DISTRICT)
    )
    inside = star.area("110115405401", "开发区一区", "virtual")
    return {"old": old, "new": new, "moved": moved, "lone": lone, "inside": inside}


def test_names_are_those_of_the_day_and_the_town_also_todays(
    star: Star, place: dict[str, int]
) -> None:
    star.delivery("hotline.work_order", mode="delta")
    for number, opened in enumerate(
        ("2015-01-01", "2020-06-30 23:59:59+08", "2020-07-01 00:00+08", "2024-01-01")
    ):
        star.order(str(number), opened, area_key=place["moved"])
    shown = rows(
        star,
        "SELECT area_name, town_name, town_name_now, area_level FROM bi.work_order ORDER BY order_id",
    )
    assert [tuple(row) for row in shown] == [
        (
            "旧名社区",
            "黄村地区",
            "观音寺街道",
            "community",
        ),  # before the first register: its first name
        ("旧名社区", "黄村地区", "观音寺街道", "community"),
        ("新名社区", "观音寺街道", "观音寺街道", "community"),
        ("新名社区", "观音寺街道", "观音寺街道", "community"),
    ]


def test_towns_of_towns_districts_and_zones(star: Star, place: dict[str, int]) -> None:
    star.delivery("hotline.work_order", mode="delta")
    for number, key in enumerate(
        (place["old"], star.key("area", DISTRICT), place["lone"], place["inside"])
    ):
        star.order(str(number), "2021-01-01", area_key=key)
    shown = rows(star, "SELECT town_name FROM bi.work_order ORDER BY order_id")
    assert [row.town_name for row in shown] == [
        "黄村地区",
        "大兴区",
        "大兴经济开发区",
        "大兴经济开发区",
    ]


def test_unknown_members_are_three_different_things(star: Star) -> None:
    star.delivery("hotline.work_order", mode="delta")
    early = star.key("area", "110115001099")
    for number, key in enumerate((-1, -2, early)):
        star.order(
            str(number), "2021-01-01", area_key=key, unit_key=key, category_key=key, channel_key=key
        )
    shown = rows(
        star,
        "SELECT area_name, town_name, unit_name, category_1, channel_name, town_name_now FROM bi.work_order ORDER BY order_id",
    )
    assert [set(row) for row in shown] == [{"未提供"}, {"无效"}, {"未登记"}]
    star.put("fact_seat_change", change_id="1", school_key=star.key("school", "S"), stage="小学", change_type="新建",
             seats=1, effective_on="2020-01-01")  # fmt: skip
    assert rows(star, "SELECT school_name, town_name FROM bi.seat_change") == [("未登记", "未登记")]


def test_keys_are_named_as_orders_name_them(star: Star) -> None:
    star.delivery("hotline.work_order", mode="delta")
    heat = star.dimension(
        "category", "供暖", "1900-01-01", category_1="供暖", category_2="不热", is_mapped=True
    )
    town = star.dimension(
        "unit", "甲镇", "1900-01-01", unit_name="甲镇", unit_kind="town", area_key=-1
    )
    keys = [(heat, town), (star.key("category", "新"), star.key("unit", "新")), (-1, -2), (-2, -1)]
    for number, (category, unit) in enumerate(keys):
        star.order(str(number), "2024-01-01", category_key=category, unit_key=unit)
    names = "category_1, category_2, unit_name, unit_kind"
    of_orders = rows(star, f"SELECT {names} FROM bi.work_order ORDER BY order_id")
    of_keys = rows(
        star,
        f"SELECT {names} FROM star.fact_work_order JOIN bi.category USING (category_key)"
        " JOIN bi.unit USING (unit_key) ORDER BY order_id",
    )
    assert of_keys == of_orders
    assert of_keys[0] == ("供暖", "不热", "甲镇", "town")


def test_days_and_months_are_beijings(star: Star) -> None:
    star.delivery("hotline.work_order", mode="delta")
    star.order("1", "2020-12-31T16:00:00+00:00", deadline_at="2021-01-02", closed_at="2021-01-01")
    star.order("2", "2020-12-31T15:59:59+00:00", deadline_at="2021-01-02")
    star.execute("SET LOCAL TIME ZONE 'UTC'")
    shown = rows(
        star, "SELECT opened_on, opened_month, is_overdue FROM bi.work_order ORDER BY order_id"
    )
    assert [tuple(row) for row in shown] == [
        (date(2021, 1, 1), date(2021, 1, 1), False),
        (date(2020, 12, 31), date(2020, 12, 1), True),  # still open
    ]


def test_every_event_keeps_exactly_one_row(star: Star, place: dict[str, int]) -> None:
    star.delivery("x.y")
    estate = star.estate("E", place["moved"], "2018-01-01", "2019-01-01", is_three_no=True)
    star.estate("E", place["moved"], "2019-01-01", "2020-01-01", is_three_no=False)
    star.estate("E", place["moved"], "2021-01-01", is_three_no=False)  # a year's gap before
    for number, on in enumerate(
        ("2016-01-01", "2018-06-01", "2019-01-01", "2020-06-01", "2022-01-01")
    ):
        star.put("fact_property_contract", estate_key=estate, firm_id=str(number), starts_on=on)
        star.put("fact_renewal", project_id=str(number), estate_key=estate, area_key=place["moved"],
                 renewal_type="x", completed_on=on)  # fmt: skip
    shown = rows(star, "SELECT was_three_no, town_name FROM bi.property_contract ORDER BY firm_id")
    assert [row.was_three_no for row in shown] == [None, True, True, None, False]
    assert [row.town_name for row in shown] == ["黄村地区"] * 4 + ["观音寺街道"]
    assert len(rows(star, "SELECT * FROM bi.renewal")) == 5
    star.put(
        "fact_renewal", project_id="9", estate_key=estate, area_key=place["moved"], renewal_type="x"
    )
    assert (
        len(
            rows(
                star,
                "SELECT * FROM bi.renewal WHERE estate_name IS NOT NULL AND town_name IS NOT NULL",
            )
        )
        == 6
    )


def test_open_versions_have_no_end(star: Star, place: dict[str, int]) -> None:
    shown = rows(
        star,
        "SELECT valid_to, is_current, town_name_now FROM bi.area WHERE area_key = :k ORDER BY valid_from",
        k=place["moved"],
    )
    assert [tuple(row) for row in shown] == [
        (date(2020, 7, 1), False, "观音寺街道"),
        (None, True, "观音寺街道"),
    ]


def test_current_is_what_holds_today(star: Star) -> None:
    star.delivery("health.institution")
    for number, since, until in (
        ("A", "2016-01-01", "2062-12-31"),  # closed by a snapshot of the far future
        ("B", "2016-01-01", "2020-01-01"),
        ("C", "2900-01-01", "infinity"),
    ):
        star.dimension("institution", number, since, until, institution_id=number, institution_name="诊所",
                       area_key=-1, status="执业")  # fmt: skip
    shown = rows(star, "SELECT institution_id FROM bi.institution WHERE is_current")
    assert shown == [("A",)]


def test_a_town_has_one_name_in_every_view(star: Star) -> None:
    star.delivery("reference.division")
    town = star.area("110115006000", "旧宫地区", "town", "2016-01-01", "2020-07-01")
    star.area("110115006000", "旧宫镇", "town", "2020-07-01", "2900-01-01")
    star.area("110115006000", "未来街道", "town", "2900-01-01")
    star.dimension(
        "institution", "A", "2018-01-01", institution_id="A", institution_name="诊所", area_key=town
    )
    star.put("fact_population_year", area_key=town, year=2018, residents=1, basis="常住人口")
    star.put("fact_social_worker_month", area_key=town, month="2018-01-01")
    star.order("1", "2018-05-05", area_key=town)
    for view in ("institution", "population_year", "social_worker_month", "work_order"):
        shown = rows(star, f"SELECT town_name, town_name_then FROM bi.{view}")
        assert [tuple(row) for row in shown] == [("旧宫镇", "旧宫地区")], view


def test_an_institution_is_where_its_place_is_today(star: Star, place: dict[str, int]) -> None:
    star.dimension("institution", "A", "2018-01-01", institution_id="A", institution_name="诊所",
                   area_key=place["moved"])  # fmt: skip
    star.dimension("institution", "B", "2018-01-01", "2019-01-01", institution_id="B", institution_name="诊所",
                   area_key=place["moved"])  # fmt: skip
    shown = rows(
        star, "SELECT town_name, town_name_then FROM bi.institution ORDER BY institution_id"
    )
    assert [tuple(row) for row in shown] == [("观音寺街道", "黄村地区"), ("黄村地区", "黄村地区")]


def test_deliveries_show_open_quarantine_and_the_department(star: Star) -> None:
    first = star.delivery("health.institution")
    star.quarantine(3)
    star.delivery("health.institution", mode="correction")
    star.execute(
        "UPDATE ledger.quarantine SET resolved_by = :r WHERE row_no = 1000", r=star.delivery_id
    )
    shown = rows(
        star,
        "SELECT quarantined_open, department_zh, department_en FROM bi.delivery WHERE delivery_id = :d",
        d=first,
    )
    assert shown == [(2, "卫健", "Health")]


def test_the_plan_is_in_the_warehouse(star: Star) -> None:
    shown = rows(
        star,
        "SELECT indicator_code, baseline, quote_sha256, feeds FROM bi.indicator WHERE in_chapter ORDER BY position",
    )
    assert [row.indicator_code for row in shown] == [
        statement.code for statement in load_plan().statements if statement.in_chapter
    ]
    assert shown[3].baseline == 823
    assert shown[3].feeds == ["health.institution"]


def test_repeats_come_without_the_caller(star: Star) -> None:
    star.delivery("hotline.work_order", mode="delta")
    same = {"area_key": 5, "category_key": 6, "caller_token": "t"}
    star.order("1", "2024-05-10", **same, case_id="A")
    star.order("2", "2024-05-10 01:00", **same, case_id="A")  # another order of the same demand
    star.order("3", "2024-06-09", **same)  # 30 days after
    star.order("4", "2024-06-20", **same | {"area_key": 7})
    star.order("5", "2024-06-20", **same | {"caller_token": "u"})
    star.order("6", "2024-06-20", **same | {"category_key": -1})
    star.order("7", "2024-06-20", **same | {"caller_token": None})
    star.order("8", "2024-07-01", **same)  # outside the month
    shown = star.execute("SELECT * FROM bi.repeat_order('2024-06-01', '2024-07-01')")
    assert "caller_token" not in shown.keys()  # noqa: SIM118
    assert [(row.order_id, row.previous_order_id) for row in shown] == [("3", "1")]
    assert rows(star, "SELECT * FROM bi.repeat_order('2024-06-01', '2024-07-01', 29)") == []


@pytest.fixture
def reader(star: Star) -> Star:
    star.execute("SET LOCAL ROLE minsheng_reader")
    return star


@pytest.mark.parametrize("view", sorted(path.stem for path in (SQL / "views" / "bi").glob("*.sql")))
def test_readers_read_every_view(reader: Star, view: str) -> None:
    reader.execute(f"SELECT * FROM bi.{view} LIMIT 1")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1 FROM star.fact_work_order",
        "SELECT 1 FROM star.dim_area",
        "SELECT 1 FROM ledger.delivery",
        "SELECT 1 FROM known.fact_work_order",
        "SELECT 1 FROM label.place",
        "SELECT 1 FROM registry.area",
        "SELECT 1 FROM plan.statement",
        "INSERT INTO bi.calendar VALUES (now())",
        "DELETE FROM bi.score_policy",
        "CREATE TABLE bi.mine (x int)",
        "CREATE VIEW bi.mine AS SELECT 1",
        "SET LOCAL ROLE minsheng_bi_owner",
    ],
)
def test_readers_do_nothing_else(reader: Star, query: str) -> None:
    if query.startswith("SET"):
        # A superuser's session may take any role; what counts is what the role itself was given.
        assert rows(
            reader, "SELECT pg_has_role('minsheng_reader', 'minsheng_bi_owner', 'MEMBER')"
        ) == [(False,)]
        return
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        reader.execute(query)


def test_the_owner_of_the_views_can_only_read(star: Star) -> None:
    owners = rows(
        star, "SELECT DISTINCT viewowner FROM pg_views WHERE schemaname IN ('bi', 'label')"
    )
    assert owners == [("minsheng_bi_owner",)]
    role = rows(
        star,
        "SELECT rolsuper, rolcanlogin, rolcreaterole FROM pg_roles WHERE rolname = 'minsheng_bi_owner'",
    )
    assert role == [(False, False, False)]
    for table in ("star.fact_work_order", "ledger.delivery", "plan.statement"):
        assert rows(
            star,
            "SELECT has_table_privilege('minsheng_bi_owner', :t, 'INSERT, UPDATE, DELETE')",
            t=table,
        ) == [(False,)]
    assert rows(
        star, "SELECT has_schema_privilege('minsheng_bi_owner', 'restricted', 'USAGE')"
    ) == [(False,)]
    assert rows(star, "SELECT has_schema_privilege('minsheng_bi_owner', 'bi', 'CREATE')") == [
        (False,)
    ]


def test_an_owner_without_superuser_rights_can_migrate(server: str) -> None:
    """The roles exist in this cluster already: he is told what to ask for, then it works."""
    parts = sa.make_url(server)

    def connect(database: str, user: str | None = None) -> Any:
        return psycopg2.connect(
            host=parts.host, port=parts.port, dbname=database,
            user=user or parts.username, password="x" if user else parts.password,
        )  # fmt: skip

    def upgrade() -> None:
        own = engine_at(
            parts.set(database="plain", username="plain_owner", password="x").render_as_string(
                hide_password=False
            )
        )
        try:
            migrate.upgrade(own)
        finally:
            own.dispose()

    engine_at(server).dispose()
    admin = connect("postgres")
    admin.autocommit = True
    with admin.cursor() as cursor:
        for role in ("minsheng_bi_owner", "minsheng_reader"):
            cursor.execute(
                f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            )
        cursor.execute("CREATE ROLE plain_owner LOGIN PASSWORD 'x'")
        cursor.execute("CREATE DATABASE plain OWNER plain_owner")
        try:
            with pytest.raises(
                psycopg2.errors.InsufficientPrivilege, match="minsheng_bi_owner"
            ) as refused:
                upgrade()
            assert "GRANT minsheng_bi_owner TO plain_owner" in str(refused.value.diag.message_hint)
            cursor.execute("GRANT minsheng_bi_owner TO plain_owner")
            upgrade()
            own = connect("plain", "plain_owner")
            with own, own.cursor() as mine:
                mine.execute("SELECT count(*) FROM bi.work_order")
                assert mine.fetchone() == (0,)
            own.close()
        finally:
            cursor.execute("DROP DATABASE plain WITH (FORCE)")
            cursor.execute("DROP ROLE plain_owner")
    admin.close()
