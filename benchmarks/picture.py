"""The pictures that README and docs show, as SVG written by hand: no font or library is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_FONT = "system-ui, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', 'WenQuanYi Micro Hei', sans-serif"
_INK, _SOFT, _LINE, _PAPER = "#1f2933", "#667380", "#e3e8ed", "#ffffff"
_COLOURS = {"limit": "#9aa7b3", "reference": "#c3ccd4", "ours": "#c8102e"}
_PEER = "#5b7fa6"
_NAMES = {
    "limit": ("\\copy 成品行（极限）", "\\copy of the finished star rows: the limit"),
    "reference": ("\\copy 到固定平表（参照）", "\\copy into a plain fact table"),
    "ours": (
        "民生：归档、校验、隔离、星型表",
        "minsheng: archive, verdict, quarantine, star, ledger",
    ),
    "dlt_arrow": ("dlt，Arrow 合并", "dlt, Arrow, merge: no validation, no star"),
    "dlt_rows": ("dlt，逐行合并", "dlt, rows, merge: no validation, no star"),
    "tutorial": ("教程写法：pandas、GX、to_sql", "the tutorial way: one plain table"),
}


def text(
    x: float,
    y: float,
    what: str,
    *,
    size: int = 13,
    fill: str = _INK,
    weight: int = 400,
    anchor: str = "start",
) -> str:
    """One text element."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" font-weight="{weight}"'
        f' text-anchor="{anchor}">{escape(what)}</text>'
    )


def sheet(width: int, height: int, parts: Sequence[str], label: str) -> str:
    """A whole SVG: a card on its own white ground, readable on light and dark pages."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img" aria-label="{escape(label)}" font-family="{_FONT}">\n'
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="10" fill="{_PAPER}" stroke="{_LINE}"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def bars(latest: Mapping[str, Any]) -> str:
    """Seconds for a million rows, one bar a way; the lines show the spread of the rounds."""
    ways = latest["ways"]
    width, left, right, top, step = 860, 318, 150, 92, 50
    per_million = {name: way["median"] / way["rows"] * 1e6 for name, way in ways.items()}
    scale = (width - left - right) / max(per_million.values())
    machine = latest["machine"]
    parts = [
        text(24, 34, "一百万张工单入库用时（秒）", size=18, weight=600),
        text(
            24,
            57,
            "Seconds to load a million hotline orders, CSV to committed rows; shorter is better",
            fill=_SOFT,
        ),
    ]
    for number, (name, way) in enumerate(ways.items()):
        y = top + number * step
        zh, en = _NAMES[name]
        colour, seconds = _COLOURS.get(name, _PEER), per_million[name]
        is_ours = name == "ours"
        parts.append(text(24, y + 12, zh, size=14, weight=600 if is_ours else 400))
        parts.append(text(24, y + 28, en, size=10, fill=_SOFT))
        parts.append(
            f'<rect x="{left}" y="{y}" width="{max(seconds * scale, 2):.1f}" height="26" rx="3" fill="{colour}"/>'
        )
        low, high = (f(way["seconds"]) / way["rows"] * 1e6 * scale + left for f in (min, max))
        if len(way["seconds"]) > 1:
            parts.append(
                f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y + 13}" y2="{y + 13}" stroke="{_INK}" stroke-width="1.5"/>'
            )
        ratio = seconds / per_million["limit"] if "limit" in per_million else 0
        end = max(left + seconds * scale, high) + 8
        parts.append(text(end, y + 12, f"{seconds:.1f} s", size=14, weight=600))
        note = f"{ratio:.2f} ×" if ratio and name != "limit" else "1 ×"
        parts.append(text(end, y + 27, f"{note} · {way['rss_mb']:.0f} MB", size=11, fill=_SOFT))
    y = top + len(ways) * step + 12
    small = [name for name, way in ways.items() if way["rows"] < latest["rows"]]
    hint = f"，其中 {'、'.join(small)} 由 {ways[small[0]]['rows']:,} 行折算" if small else ""
    parts.append(f'<line x1="24" x2="{width - 24}" y1="{y - 10}" y2="{y - 10}" stroke="{_LINE}"/>')
    parts.append(
        text(
            24,
            y + 8,
            f"× 为对极限的倍数，MB 为客户端峰值内存，横线为各轮范围{hint}。不含解释器启动与导入。",
            size=11,
            fill=_SOFT,
        )
    )
    parts.append(
        text(
            24, y + 25,
            f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB; PostgreSQL "
            f"{latest['versions']['postgresql']}; {latest['rows']:,} rows; {machine['measured_on']}. "
            "× is against the limit, MB the client's peak memory.",
            size=11, fill=_SOFT,
        )
    )  # fmt: skip
    return sheet(width, y + 44, parts, "Seconds to load a million hotline orders")


def curves(
    title: tuple[str, str],
    series: Mapping[str, Sequence[tuple[float, float]]],
    limit: float,
    footer: str,
) -> str:
    """Memory over time, one curve a size; time is a share of each run, so that sizes compare."""
    width, height, left, right, top, bottom = 860, 380, 64, 150, 80, 70
    highest = max([limit * 1.1] + [mb for points in series.values() for _, mb in points])
    across, down = width - left - right, height - top - bottom

    def at(share: float, mb: float) -> tuple[float, float]:
        return left + share * across, top + down - mb / highest * down

    parts = [text(24, 34, title[0], size=18, weight=600), text(24, 57, title[1], fill=_SOFT)]
    for mb in range(0, int(highest) + 1, 100):
        _, y = at(0, mb)
        parts.append(
            f'<line x1="{left}" x2="{width - right}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_LINE}"/>'
        )
        parts.append(text(left - 8, y + 4, f"{mb}", size=11, fill=_SOFT, anchor="end"))
    _, y = at(0, limit)
    parts.append(
        f'<line x1="{left}" x2="{width - right}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_INK}" stroke-dasharray="5 4"/>'
    )
    parts.append(text(width - right + 8, y + 4, f"目标 target {limit:.0f} MB", size=11, fill=_INK))
    for (name, points), colour in zip(
        series.items(), ("#c8102e", "#5b7fa6", "#4f9a6b"), strict=False
    ):
        whole = points[-1][0]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(t / whole, mb) for t, mb in points))
        peak = max(mb for _, mb in points)
        parts.append(
            f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round"/>'
        )
        x, y = width - right + 8, top + 24 + 40 * list(series).index(name) + 30
        parts.append(text(x, y, name, size=13, fill=colour, weight=600))
        parts.append(
            text(x, y + 16, f"峰值 peak {peak:.0f} MB, {whole:.0f} s", size=11, fill=_SOFT)
        )
    parts.append(text(left, height - bottom + 20, "开始 start", size=11, fill=_SOFT))
    parts.append(
        text(width - right, height - bottom + 20, "结束 end", size=11, fill=_SOFT, anchor="end")
    )
    parts.append(text(24, height - 18, footer, size=11, fill=_SOFT))
    return sheet(width, height, parts, title[1])
