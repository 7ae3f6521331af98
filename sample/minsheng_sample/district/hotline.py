"""Orders of the 12345 hotline: what became of each, and when."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, datetime, time, timedelta

from minsheng_sample.chance import Chance
from minsheng_sample.codes import IDENTITY_CARD, phone
from minsheng_sample.district.order_kinds import CHANNELS, LABEL, NEW_CATEGORY, TREE, TYPES, Entry
from minsheng_sample.register import REGISTER_DATES, committees, town, towns
from minsheng_sample.timeline import Period, Row, Span

REASONS = ("不合理诉求", "重复诉求", "涉法涉诉", "非本区管辖")

_GROWTH = {2016: 3, 2017: 4, 2018: 6, 2019: 9, 2020: 12, 2021: 12, 2022: 13, 2023: 13, 2024: 14}
# per mille of valid callbacks: solved, satisfied (the rest of the solved are 基本满意)
_QUALITY = {
    2016: (500, 420),
    2017: (520, 440),
    2018: (560, 480),
    2019: (620, 540),
    2020: (800, 700),
}
_LATEST = (950, 900)
_HOURS = tuple((hour, 1.0 if hour < 7 else 6.0 if hour < 20 else 3.0) for hour in range(24))


class Hotline:
    """All orders of a sample, in the order in which they came in."""

    def __init__(self, seed: int, span: Span, orders: int) -> None:
        self._draw = Chance("hotline", seed)
        self._span = span
        self.end = datetime.combine(span.end, time(23, 59, 59))
        self.orders = self._orders(orders)
        self._opened = [str(order["opened_at"]) for order in self.orders]

    def work_order(self, period: Period) -> list[Row]:
        """The orders that are new or changed in a period, as they stood at its end."""
        low = datetime.combine(period.start, time())
        high = datetime.combine(period.end, time(23, 59, 59))
        # Nothing happens to an order more than 40 days after it came in.
        first = bisect_left(self._opened, str(low - timedelta(days=40)))
        last = bisect_right(self._opened, str(high))
        rows = []
        for order in self.orders[first:last]:
            row = self.as_of(order, high)
            if _moment(row["updated_at"]) >= low:
                rows.append(row)
        return rows

    def as_of(self, order: Row, moment: datetime) -> Row:
        """An order as it stood at a moment."""
        row = dict(order)
        latest = _moment(row["opened_at"])
        for name in ("dispatched_at", "signed_at", "closed_at", "called_back_at"):
            at = row[name]
            if isinstance(at, datetime):
                if at <= moment:
                    latest = max(latest, at)
                else:
                    row[name] = None
        if row["dispatched_at"] is None:
            row["deadline_at"] = None
        if row["closed_at"] is None:
            row |= {"return_count": 0, "extension_days": 0}
        if row["called_back_at"] is None:
            row |= {
                "is_valid_callback": None,
                "is_contacted": None,
                "resolution": None,
                "satisfaction": None,
                "is_excluded": False,
                "exclusion_reason": None,
            }
        row["updated_at"] = latest
        return row

    def _orders(self, count: int) -> list[Row]:
        draw = self._draw.branch("orders")
        moments = sorted(self._moments(draw, count))
        places = {day: [committee.code for committee in committees(day)] for day in REGISTER_DATES}
        weights = [(entry, entry[5]) for entry in TREE]
        orders: list[Row] = []
        number = 0
        day = date.min
        for index, opened in enumerate(moments):
            number = number + 1 if opened.date() == day else 1
            day = opened.date()
            order = self._order(draw, opened, number, places, weights)
            if index and draw.happens(0.06):
                self._assist(draw, order, orders[-1])
            orders.append(order)
        if orders:
            orders[len(orders) // 2]["content"] = f"{LABEL}误填身份证号{IDENTITY_CARD}，请核实。"
        return orders

    def _moments(self, draw: Chance, count: int) -> list[datetime]:
        years = range(self._span.first, self._span.last + 1)
        shares = [(year, float(_GROWTH.get(year, 14))) for year in years]
        days = {year: (date(year + 1, 1, 1) - date(year, 1, 1)).days for year in years}
        moments = []
        for _ in range(count):
            year = draw.weighted(shares)
            when = date(year, 1, 1) + timedelta(days=draw.integer(0, days[year] - 1))
            hour = draw.weighted(_HOURS)
            seconds = draw.integer(0, 3599)
            moments.append(datetime.combine(when, time(hour, seconds // 60, seconds % 60)))
        return moments

    def _order(
        self,
        draw: Chance,
        opened: datetime,
        number: int,
        places: dict[date, list[str]],
        weights: list[tuple[Entry, float]],
    ) -> Row:
        register = max((d for d in REGISTER_DATES if d <= opened.date()), default=REGISTER_DATES[0])
        community = draw.pick(places[register])
        area = town(community)
        first, second, thirds, department, livelihood, _ = draw.weighted(weights)
        category = (first, second, draw.pick(thirds))
        if opened.year >= 2025 and opened.year == self._span.last and draw.happens(0.01):
            category = NEW_CATEGORY
        kind = draw.weighted(TYPES)
        row: Row = {
            "order_id": f"{opened:%Y%m%d}{number:010d}",
            "case_id": f"A{opened:%Y%m%d}{number:06d}",
            "channel": draw.weighted(CHANNELS),
            "caller_name": "合成来电人",
            "caller_phone": phone(draw.integer(0, 29999)),
            "order_type": kind,
            "category_1": category[0],
            "category_2": category[1],
            "category_3": category[2],
            "town": area.code,
            "community_code": community if draw.happens(0.93) else None,
            "address": f"{LABEL}{area.name}示例路{draw.integer(1, 300)}号",
            "title": f"{LABEL}反映{category[1]}{category[2]}问题",
            "content": f"{LABEL}来电反映{area.name}存在{category[2]}情况，希望有关单位核实处理并回复。"
            + ("\n附：多次反映未果。" if draw.happens(0.05) else ""),
            "unit": department or area.name,
            "handling_role": "主办",
            "urgency": draw.weighted((("一般", 92.0), ("紧急", 6.0), ("特急", 2.0))),
            "livelihood": livelihood,
            "opened_at": opened,
        }
        return row | self._course(draw, opened, kind, str(row["urgency"]))

    def _course(self, draw: Chance, opened: datetime, kind: str, urgency: str) -> Row:
        def hours(low: int, high: int) -> timedelta:
            return timedelta(seconds=draw.integer(low * 3600, high * 3600))

        row: Row = dict.fromkeys(
            ("dispatched_at", "signed_at", "deadline_at", "closed_at", "called_back_at"), None
        )
        row |= dict.fromkeys(
            ("is_valid_callback", "is_contacted", "resolution", "satisfaction"), None
        )
        row |= {
            "return_count": 0,
            "extension_days": 0,
            "is_excluded": False,
            "exclusion_reason": None,
        }
        row["updated_at"] = opened
        if kind == "咨询" and draw.happens(0.7):
            # Answered at once: never dispatched, never called back.
            return row | {"closed_at": opened + timedelta(seconds=draw.integer(120, 1500))}
        dispatched = opened + hours(0, 1 if urgency != "一般" else 20)
        limit = timedelta(days={"一般": 7, "紧急": 1, "特急": 1}[urgency])
        extension = draw.weighted(((0, 93.0), (3, 4.0), (7, 3.0)))
        closed = dispatched + hours(2, int(limit.total_seconds() // 3600 * 1.12))
        row |= {
            "dispatched_at": dispatched,
            "signed_at": dispatched + hours(0, 4),
            "deadline_at": dispatched + limit + timedelta(days=extension),
            "closed_at": max(closed, dispatched + timedelta(hours=5)),
            "return_count": draw.weighted(((0, 92.0), (1, 6.0), (2, 1.5), (3, 0.5))),
            "extension_days": extension,
        }
        row["called_back_at"] = max(closed, dispatched + timedelta(hours=5)) + hours(20, 90)
        valid = draw.happens(0.9)
        row["is_valid_callback"] = valid
        if valid:
            solved, satisfied = _QUALITY.get(opened.year, _LATEST)
            mark = draw.integer(0, 999)
            row["is_contacted"] = draw.happens(0.97)
            row["resolution"] = "解决" if mark < solved else draw.pick(("部分解决", "未解决"))
            row["satisfaction"] = (
                "满意" if mark < satisfied else "基本满意" if mark < solved else "不满意"
            )
        else:
            row |= {"is_contacted": False, "satisfaction": "未评价"}
        if draw.happens(0.03):
            row |= {"is_excluded": True, "exclusion_reason": draw.pick(REASONS)}
        return row

    def _assist(self, draw: Chance, order: Row, lead: Row) -> None:
        """Make an order the share of a second unit in the case before it."""
        order["case_id"] = lead["case_id"]
        order["handling_role"] = draw.pick(("协办", "转办"))
        for name in ("category_1", "category_2", "category_3", "livelihood", "order_type"):
            order[name] = lead[name]
        order["unit"] = draw.pick([town.name for town in towns()])


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError(f"{value!r} is no moment")
    return value
