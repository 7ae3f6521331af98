"""Rows straight into the star, for tests of what reads it: no file, no contract, no loader."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import sqlalchemy as sa

BEIJING = timezone(timedelta(hours=8))
OPEN = "infinity"
DISTRICT = "110115000000"


class Star:
    """A warehouse under construction; each delivery is one commit, one hour after the last."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.delivery_id = 0
        self.seq = 0
        self._row = 0
        self._columns: dict[str, set[str]] = {}

    def delivery(
        self,
        feed: str = "test.feed",
        start: str = "2020-01-01",
        end: str = "2020-12-31",
        *,
        mode: str = "full",
        state: str = "loaded",
        rows: int = 10,
        at: str | None = None,
        file: str = "extract.csv",
        received: str | None = None,
        synthetic: bool = False,
    ) -> int:
        """Enter an arrival; rows inserted afterwards belong to it.

        It is received a week after its period or when it is known, whichever is later, unless
        `received` (or `at`) says otherwise.
        """
        loaded = state == "loaded"
        when = (
            datetime.fromisoformat(at).replace(tzinfo=BEIJING)
            if at
            else datetime(2021, 1, 1, tzinfo=BEIJING) + timedelta(hours=self.seq)
        )
        arrived = when
        if received or not at:
            week_after = datetime.fromisoformat(end) + timedelta(days=7)
            given = datetime.fromisoformat(received) if received else week_after
            arrived = given.replace(tzinfo=BEIJING)
            arrived = arrived if received else max(arrived, when)
        self.execute(
            "INSERT INTO ledger.archive (sha256, bytes) VALUES (repeat('0', 64), 1) ON CONFLICT DO NOTHING"
        )
        if loaded:
            self.seq += 1
        self.delivery_id = self.execute(
            "INSERT INTO ledger.delivery (feed, department, mode, period_start, period_end, sha256, file_name,"
            " received_at, state, rows, loaded, unchanged, duplicate, retracted, quarantined, totals_dropped, seq,"
            " synthetic) VALUES (:feed, split_part(:feed, '.', 1), :mode, :start, :end, repeat('0', 64), :file, :at,"
            " :state, :rows, :rows, 0, 0, 0, 0, 0, :seq, :synthetic) RETURNING delivery_id",
            feed=feed, mode=mode, start=start, end=end, file=file, at=arrived, state=state, synthetic=synthetic,
            rows=rows if loaded else None, seq=self.seq if loaded else None,
        ).scalar_one()  # fmt: skip
        self._row = 0
        if loaded:
            self.execute(
                "INSERT INTO ledger.commit VALUES (:seq, :at, :d)",
                seq=self.seq,
                at=when,
                d=self.delivery_id,
            )
        return self.delivery_id

    def quarantine(
        self, rows: int = 1, *, delivery: int | None = None, resolved_by: int | None = None
    ) -> None:
        """Put rows of a delivery into quarantine."""
        for number in range(rows):
            self.execute(
                "INSERT INTO ledger.quarantine VALUES (:d, :n, 'test.feed', NULL, '[]', :r)",
                d=delivery or self.delivery_id, n=1000 + number, r=resolved_by,
            )  # fmt: skip

    def key(self, thing: str, name: str | None) -> int:
        """The registry's key of an id: -1 for none."""
        if name is None:
            return -1
        if name == "#invalid":
            return -2
        self.execute(
            f"INSERT INTO registry.{thing} ({thing}_id) SELECT :n WHERE NOT EXISTS"
            f" (SELECT FROM registry.{thing} WHERE {thing}_id = :n)",
            n=name,
        )
        return int(
            self.execute(
                f"SELECT {thing}_key FROM registry.{thing} WHERE {thing}_id = :n", n=name
            ).scalar_one()
        )

    def put(self, table: str, *, known_to: int | None = None, **values: Any) -> None:
        """Insert a row believed since the last delivery, or (with `known_to`) a row no longer believed."""
        self._row += 1
        row = {
            "known_from": self.seq,
            "delivery_id": self.delivery_id,
            "row_no": self._row,
        } | values
        if known_to is not None:
            row["known_to"] = known_to
        schema = "star" if known_to is None else "history"
        names = ", ".join(row)
        self.execute(
            f"INSERT INTO {schema}.{table} ({names}) VALUES ({', '.join(':' + name for name in row)})",
            **row,
        )

    def forget(self, table: str, where: str) -> None:
        """Close the known range of rows with the last delivery, as a correction does."""
        columns = ", ".join(
            self.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'star' AND table_name = :t"
                " ORDER BY ordinal_position",
                t=table,
            ).scalars()
        )
        self.execute(
            f"WITH gone AS (DELETE FROM star.{table} WHERE {where} RETURNING *)"
            f" INSERT INTO history.{table} ({columns}, known_to) SELECT {columns}, {self.seq} FROM gone"
        )

    def dimension(
        self, thing: str, name: str, since: str = "2016-01-01", until: str = OPEN, **values: Any
    ) -> int:
        """A version of a thing; returns its key."""
        key = self.key(thing, name)
        self.put(
            f"dim_{thing}", **{f"{thing}_key": key}, valid_from=since, valid_to=until, **values
        )
        return key

    def area(
        self,
        code: str,
        name: str,
        level: str,
        since: str = "2016-01-01",
        until: str = OPEN,
        **values: Any,
    ) -> int:
        """A version of an area; its parent follows from the code unless given."""
        if "parent_area_key" not in values:
            parent = {"district": None, "town": DISTRICT}.get(level, code[:9] + "000")
            values["parent_area_key"] = self.key("area", parent)
        return self.dimension(
            "area", code, since, until, area_code=code, area_name=name, area_level=level, **values
        )

    def estate(
        self, number: str, area: int, since: str = "2016-01-01", until: str = OPEN, **values: Any
    ) -> int:
        """A version of an estate."""
        return self.dimension(
            "estate",
            number,
            since,
            until,
            estate_id=number,
            estate_name=f"小区{number}",
            area_key=area,
            **values,
        )

    def organisation(
        self, number: str, since: str = "2016-01-01", until: str = OPEN, **values: Any
    ) -> int:
        """A version of a social organisation, in normal standing unless said otherwise."""
        given = {
            "registration_no": number, "organisation_name": f"组织{number}", "organisation_type": "社会团体",
            "area_key": -1, "status": "正常", "registrar": "北京市大兴区民政局",
        } | values  # fmt: skip
        return self.dimension("organisation", number, since, until, **given)

    def order(self, number: str, opened_at: str, **values: Any) -> None:
        """A work order; times without a zone are Beijing's."""
        given: dict[str, Any] = {
            "case_id": None, "channel_key": -1, "category_key": -1, "area_key": -1, "unit_key": -1,
        }  # fmt: skip
        self.put("fact_work_order", **given | {"order_id": number, "opened_at": opened_at} | values)

    def target(self, code: str, value: float, on: str = "2025-12-31", **values: Any) -> None:
        """A target, an example unless said otherwise."""
        given = {
            "plan_code": "test", "comparator": "gte", "nature": "预期性", "basis": "example",
            "definition_version": "1",
        } | values  # fmt: skip
        self.put(
            "fact_target",
            indicator_key=self.key("indicator", code),
            target_on=on,
            target_value=value,
            **given,
        )

    def declare(
        self, code: str, value: float | None, on: str = "2020-12-31", **values: Any
    ) -> None:
        """A declaration."""
        given = {"basis": "user_supplied", "definition_version": "1"} | values
        self.put(
            "fact_declaration",
            indicator_key=self.key("indicator", code),
            declared_on=on,
            value=value,
            **given,
        )

    def execute(self, text: str, **values: Any) -> sa.CursorResult[Any]:
        """Run one statement."""
        return self.connection.execute(sa.text(text), values)
