"""Words of states and events on pages: glyph, Chinese, English. Glyphs differ by outline, for black-and-white print."""

from __future__ import annotations

STATES = {
    "received": ("○", "已接收", "received"),
    "staged": ("○", "已暂存", "staged"),
    "validated": ("○", "已校验", "validated"),
    "loaded": ("●", "已入库", "loaded"),
    "duplicate": ("◌", "重复", "duplicate"),
    "held": ("◆", "暂扣", "held"),
    "rejected": ("✕", "退回", "rejected"),
    "failed": ("▲", "失败", "failed"),
    "withdrawn": ("⊘", "已撤销", "withdrawn"),
}

VERBS = {
    "release": ("放行", "released"),
    "reject": ("退回", "rejected"),
    "withdraw": ("撤销", "withdrawn"),
    "answered": ("部门答复", "answered by the department"),
    "closed": ("由后来的批次取代", "closed by a later delivery"),
}

COUNTS = {
    "loaded": ("已入库", "loaded"),
    "unchanged": ("无变化", "unchanged"),
    "superseded": ("被取代", "superseded"),
    "duplicate": ("重复", "duplicate"),
    "retracted": ("已撤回", "retracted"),
    "quarantined": ("隔离", "quarantined"),
    "totals_dropped": ("合计行", "totals"),
}

ENTRIES = {
    "open": ("待处理", "open"),
    "repaired": ("已更正", "repaired"),
    "accepted": ("按原样接受", "accepted"),
    "withdrawn": ("已撤回", "withdrawn"),
    "superseded": ("已被取代", "superseded"),
    "expired": ("已过期限", "expired"),
}

MODES = {
    "full": ("全量", "full"),
    "delta": ("增量", "delta"),
    "window": ("滚动窗口", "window"),
    "correction": ("更正", "correction"),
    "retraction": ("撤回", "retraction"),
}
