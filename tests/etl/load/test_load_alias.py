"""Names that are used before anybody says what they stand for."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from etl.context import Context
from etl.ingest import ingest
from etl.settings import Settings
from tests.make import write_csv

STAFF = ["月份", "镇街", "社区工作者数", "持证社区工作者数", "专业人才数", "持证专业人才数"]
REGISTER = ["区划代码", "名称", "上级代码", "级别", "别名"]


@pytest.fixture
def ctx(ingest_settings: Settings) -> Context:
    return Context.of(ingest_settings)


def staff(ctx: Context, folder: Path, month: str, rows: list[tuple[str, int]]) -> int:
    path = write_csv(
        folder / f"社工与社区工作者月报_2020年{int(month)}月.csv",
        STAFF,
        [[f"2020-{month}", town, workers, 1, 2, 1] for town, workers in rows],
    )
    done = ingest([path], feed="civil_affairs.social_worker_month", ctx=ctx)[0]
    assert done.state == "loaded", done.reasons
    assert done.quarantined == 0
    return done.seq or 0


def register(ctx: Context, folder: Path) -> int:
    path = write_csv(
        folder / "区划登记_2020年6月30日.csv",
        REGISTER,
        [
            ["110115000000", "大兴区", None, "区县", None],
            ["110115006000", "旧宫地区", "110115000000", "镇街", "旧宫镇;旧宫地区办事处"],
            ["110115101000", "青云店镇", "110115000000", "镇街", None],
        ],
    )
    done = ingest([path], feed="reference.division", ctx=ctx)[0]
    assert done.state == "loaded", done.reasons
    return done.seq or 0


def workers(ctx: Context, known: int) -> dict[str | None, int]:
    query = sa.text(
        "SELECT a.area_code, sum(community_workers) FROM known.fact_social_worker_month f"
        " LEFT JOIN star.dim_area a USING (area_key)"
        " WHERE f.known_from <= :k AND :k < f.known_to GROUP BY 1"
    )
    with ctx.engine.connect() as connection:
        return dict(connection.execute(query, {"k": known}).all())


def test_facts_that_came_first_get_the_key_of_the_area(ctx: Context, tmp_path: Path) -> None:
    first = staff(ctx, tmp_path, "01", [("旧宫镇", 10), ("青云店镇", 20)])
    assert workers(ctx, first) == {None: 30}
    second = register(ctx, tmp_path)
    expected = {"110115006000": 10, "110115101000": 20}
    assert workers(ctx, second) == expected
    assert workers(ctx, first) == {None: 30}, "what was known then stays as it was"
    third = staff(ctx, tmp_path, "02", [("旧宫地区办事处", 1)])
    assert workers(ctx, third) == {**expected, "110115006000": 11}
    with ctx.engine.connect() as connection:
        keys = connection.execute(
            sa.text("SELECT count(DISTINCT area_key) FROM registry.area WHERE area_id LIKE '旧宫%'")
        ).scalar_one()
    assert keys == 1


def test_the_order_of_arrival_does_not_matter(
    ctx: Context, tmp_path: Path, server: str, template: str
) -> None:
    from tests.conftest import copy_of

    staff(ctx, tmp_path, "01", [("旧宫镇", 10)])
    staffed = workers(ctx, register(ctx, tmp_path))
    with copy_of(server, template) as engine:
        url = engine.url.render_as_string(hide_password=False)
        other = Context.of(
            Settings.load({"MINSHENG_HOME": str(ctx.settings.home), "MINSHENG_DATABASE_URL": url})
        )
        register(other, tmp_path)
        assert workers(other, staff(other, tmp_path, "01", [("旧宫镇", 10)])) == staffed
        other.engine.dispose()
