"""七有五性 in `bi`: orders under each dimension, worked by hand, and its gaps."""

from __future__ import annotations

from typing import Any

from tests.warehouse.star import Star


def category(star: Star, first: str, second: str | None = None) -> int:
    name = f"{first}/{second}"
    return star.dimension(
        "category", name, "1900-01-01", category_1=first, category_2=second, is_mapped=True
    )


def orders(star: Star) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Dimension and month -> orders, resolved, answered, as a reader gets them."""
    star.execute("SET LOCAL ROLE minsheng_reader")
    try:
        rows = star.execute("SELECT * FROM bi.livelihood_order_month").mappings().all()
    finally:
        star.execute("RESET ROLE")
    return {
        (row["livelihood_zh"], f"{row['opened_month']:%Y-%m}"): (row["orders"], row["resolved"], row["answered"])
        for row in rows
    }  # fmt: skip


def test_orders_fall_under_dimensions_by_tag_or_by_category(star: Star) -> None:
    star.delivery("hotline.work_order", mode="delta")
    nursery, school = category(star, "教育服务", "学前教育"), category(star, "教育服务", "义务教育")
    wages, streets = category(star, "劳动保障", "劳动报酬"), category(star, "城市管理", "违法建设")
    star.order("1", "2024-05-31 23:59", category_key=nursery, resolution="解决")
    star.order("2", "2024-06-01 00:00", category_key=school, resolution="未解决")
    star.order("3", "2024-06-02 10:00", category_key=wages)
    star.order("4", "2024-06-03 10:00", category_key=streets)  # nobody's
    star.order("5", "2024-06-04 10:00", category_key=wages, livelihood="公正性", resolution="解决")
    star.order(
        "6", "2024-06-05 10:00", category_key=school, livelihood="其他"
    )  # names no dimension
    star.order("7", "2024-06-06 10:00")  # no category
    assert orders(star) == {
        # A nursery is a part of 学有所教 too.
        ("幼有所育", "2024-05"): (1, 1, 1), ("学有所教", "2024-05"): (1, 1, 1),
        ("学有所教", "2024-06"): (2, 0, 1),
        ("劳有所得", "2024-06"): (1, 0, 0),
        ("公正性", "2024-06"): (1, 1, 1),
    }  # fmt: skip


def test_a_bridge_holds_for_its_days(star: Star) -> None:
    star.delivery("hotline.work_order", mode="delta")
    wages = category(star, "劳动保障", "劳动报酬")
    star.execute(
        "UPDATE plan.livelihood_bridge SET valid_to = '2024-06-02' WHERE category_1 = '劳动保障'"
    )
    star.order("1", "2024-06-01 23:59", category_key=wages)
    star.order("2", "2024-06-02 00:00", category_key=wages)
    assert orders(star) == {("劳有所得", "2024-06"): (1, 0, 0)}


def test_gaps_are_rows(star: Star) -> None:
    rows = star.execute(
        "SELECT livelihood_zh, gap_zh, is_gap FROM bi.livelihood_indicator WHERE is_gap"
    ).all()
    told = {row.livelihood_zh: row.gap_zh for row in rows}
    assert len(told) == 12  # nothing is evaluated yet
    assert "五个部门都不报送" in told["劳有所得"]
    counts = star.execute("SELECT name_zh, indicators, categories FROM bi.livelihood").all()
    assert {row.name_zh for row in counts if not row.indicators} == {"幼有所育", "劳有所得"}
    assert {row.name_zh for row in counts if not row.categories} == {"公正性"}
