"""Files that must not simply be loaded: each ends in a named state, and none belongs to the history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from etl.contract import Contract
from minsheng_sample import timeline
from minsheng_sample.compose import Record, compose
from minsheng_sample.district.world import World
from minsheng_sample.dress.cells import Formula
from minsheng_sample.dress.locked import locked_workbook
from minsheng_sample.dress.packing import Entry, zeros, zipped
from minsheng_sample.dress.style import Style
from minsheng_sample.timeline import Period, Row

REFUSED = ("rejected", "held")
_BOMB_MEMBERS, _BOMB_BYTES = 50, 40_000_000


@dataclass(frozen=True)
class Case:
    """A file, the states it may end in, and why."""

    kind: str
    feed: str | None
    name: str
    content: bytes
    zh: str
    en: str
    states: tuple[str, ...] = REFUSED
    quarantined: int = 0


def write_trouble(
    folder: Path, contracts: Mapping[str, Contract], world: World, newest: Path
) -> list[dict[str, object]]:
    """Write all cases; returns their part of the manifest. `newest` is the newest elderly-care file."""
    written: list[dict[str, object]] = []
    for case in Cases(contracts, world, newest).all():
        place = (case.feed or "unknown.files").replace(".", "/")
        path = folder / place / case.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(case.content)
        written.append(
            {
                "path": path.relative_to(folder.parent).as_posix(),
                "kind": case.kind,
                "feed": case.feed,
                "states": list(case.states),
                "quarantined": case.quarantined,
                "why_zh": case.zh,
                "why_en": case.en,
            }
        )
    return written


class Cases:
    """The cases, made from true rows of the month after the sample's end."""

    def __init__(self, contracts: Mapping[str, Contract], world: World, newest: Path) -> None:
        self._contracts = contracts
        self._newest = newest
        self._world = world
        after = world.span.end + timedelta(days=1)
        self._next = timeline.month(after.year, 1)

    def all(self) -> Iterator[Case]:
        """Every case."""
        makers: tuple[Callable[[], Case], ...] = (
            self._wrong_encoding,
            self._missing_column,
            self._ragged,
            self._truncated,
            self._empty,
            self._header_only,
            self._bomb,
            self._locked,
            self._formula,
            self._no_contract,
            self._resaved,
            self._fewer,
        )
        for make in makers:
            yield make()

    def _file(
        self,
        feed: str,
        style: Style,
        records: list[Record],
        mark: str,
        period: Period | None = None,
    ) -> tuple[str, bytes]:
        contract, period = self._contracts[feed], period or self._next
        delivery = compose(
            contract, period, style, records, f"{contract.name_zh}_{period.label}_{mark}_合成"
        )
        return delivery.name, delivery.content

    def _staff(self) -> list[Record]:
        rows = self._world.rows("civil_affairs.social_worker_month", self._next)
        return [Record(row) for row in rows]

    def _elderly(self) -> list[Record]:
        rows = self._world.rows("civil_affairs.elderly_facility", self._next)
        return [Record(row) for row in rows]

    def _wrong_encoding(self) -> Case:
        feed = "civil_affairs.social_worker_month"
        name, content = self._file(feed, Style("csv"), self._staff(), "编码混用")
        lines = content.split(b"\r\n")
        lines[5] = lines[5].decode().encode("gb18030")
        text = b"\r\n".join(lines)
        return Case(
            "wrong_encoding",
            feed,
            name,
            text,
            "UTF-8 文件中夹有 GBK 行",
            "a line of GBK in a UTF-8 file",
        )

    def _missing_column(self) -> Case:
        feed = "civil_affairs.social_worker_month"
        name, content = self._file(feed, Style("csv"), self._staff(), "缺列")
        text = b"\r\n".join(
            line.partition(b",")[0] + b"," + line.split(b",", 2)[2] if line else b""
            for line in content.split(b"\r\n")
        )
        return Case(
            "missing_column",
            feed,
            name,
            text,
            "缺少必填列“镇街”",
            "the required column 镇街 is missing",
        )

    def _ragged(self) -> Case:
        feed = "civil_affairs.social_worker_month"
        records = self._staff()
        for record in records[3:6]:
            record.ragged = True
        name, content = self._file(feed, Style("csv"), records, "列数不符")
        return Case(
            "ragged",
            feed,
            name,
            content,
            "三行列数不符",
            "three rows with too many columns",
            ("loaded", "held"),
            3,
        )

    def _truncated(self) -> Case:
        feed = "civil_affairs.elderly_facility"
        name, content = self._file(feed, Style("xlsx"), self._elderly(), "截断")
        return Case(
            "truncated",
            feed,
            name,
            content[: len(content) // 2],
            "工作簿只传了一半",
            "half a workbook",
        )

    def _empty(self) -> Case:
        feed = "housing.renewal"
        name = f"老旧小区改造_{self._next.label}_空文件_合成.csv"
        return Case("empty", feed, name, b"", "空文件", "an empty file")

    def _header_only(self) -> Case:
        feed = "health.institution"  # a register: of events it would be 空报
        name, content = self._file(feed, Style("csv"), [], "无数据")
        return Case("header_only", feed, name, content, "只有表头", "a header and nothing below it")

    def _bomb(self) -> Case:
        feed = "health.institution"
        packed, checksum = zeros(_BOMB_BYTES)
        size = 1 + 258 * ((_BOMB_BYTES - 1) // 258)
        names = (f"part{number:03d}.csv".encode() for number in range(_BOMB_MEMBERS))
        entries = [Entry(name, packed, 0, 8, checksum, size) for name in names]
        name = f"医疗卫生机构_{self._next.label}_压缩炸弹_合成.zip"
        content = zipped(entries, overlapping=True)
        return Case(
            "zip_bomb",
            feed,
            name,
            content,
            "解压后膨胀到数千倍",
            "unpacks to thousands of times its size",
        )

    def _locked(self) -> Case:
        feed = "civil_affairs.elderly_facility"
        name = f"养老服务机构_{self._next.label}_加密_合成.xlsx"
        return Case(
            "password",
            feed,
            name,
            locked_workbook(),
            "工作簿有打开密码",
            "a workbook behind a password",
        )

    def _formula(self) -> Case:
        feed = "civil_affairs.social_worker_month"
        records = self._staff()
        for record in records[2:4]:
            record.cells["professionals"] = Formula("VLOOKUP(B3,[1]人才库!A:C,3,0)")
        name, content = self._file(feed, Style("xlsx"), records, "公式无值")
        return Case(
            "formula_without_value",
            feed,
            name,
            content,
            "两个单元格是没有结果的公式",
            "two cells hold formulas without a result",
            ("loaded", "held"),
            2,
        )

    def _no_contract(self) -> Case:
        text = "议题,结论\r\n示例议题,示例结论\r\n".encode("utf-8-sig")
        return Case(
            "no_contract", None, "会议纪要_合成.csv", text, "没有对应的数据契约", "no contract fits"
        )

    def _resaved(self) -> Case:
        """The newest month's file, to the byte, under the next month's name."""
        feed = "civil_affairs.elderly_facility"
        name = f"养老服务机构_{self._next.label}_另存_合成{self._newest.suffix}"
        return Case(
            "resaved",
            feed,
            name,
            self._newest.read_bytes(),
            "上月报表改名重报",
            "last month's sheet under this month's name",
            ("held",),
        )

    def _fewer(self) -> Case:
        feed = "health.institution"
        rows: list[Row] = self._world.rows(feed, self._next)
        part = [Record(row) for row in rows[: len(rows) * 2 // 5]]
        name, content = self._file(feed, replace(Style("csv"), encoding="utf-8-sig"), part, "缺页")
        return Case(
            "fewer_rows",
            feed,
            name,
            content,
            "快照行数骤减",
            "a snapshot of far fewer rows",
            ("held",),
        )
