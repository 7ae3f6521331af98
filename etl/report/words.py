"""Words of the report in both languages, `(中文, English)`: statuses, kinds, parameters of definitions, numbers with units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from etl.evaluate import causes
from etl.evaluate.status import BEHIND, DONE, NEARLY, NO_TARGET, NOT_EVALUABLE, ON_SCHEDULE
from etl.plan import Plan, Statement
from etl.reasons import Reason

LANGUAGES = ("zh", "en")
CAUSE_WORDS = causes.WORDS

STATUSES = {
    DONE: ("done", "done"),
    ON_SCHEDULE: ("on", "on schedule"),
    NEARLY: ("nearly", "nearly"),
    BEHIND: ("behind", "behind"),
    NOT_EVALUABLE: ("unknown", "not judged"),
    NO_TARGET: ("none", "no target"),
}
"""Status -> class of its glyph and colour, English; in the order in which they are told."""

ICONS = {
    "done": '<circle cx="8" cy="8" r="7"/><path d="M4.5 8.2l2.4 2.4 4.6-5" class="cut"/>',
    "on": '<path d="M3 1.5l11 6.5-11 6.5z"/>',
    "nearly": '<path d="M8 2l6.5 12h-13z" class="stroke"/><path d="M8 6.5v3.6M8 11.4v1.2" class="stroke"/>',
    "behind": '<path d="M1 2.5h14l-7 12z"/>',
    "unknown": '<path d="M2 2h12v12H2z" class="stroke"/><path d="M5 5l6 6M11 5l-6 6" class="stroke"/>',
    "none": '<path d="M2 8h12" class="stroke"/>',
}
"""Glyphs that differ by outline: they survive a black-and-white printer, and no font is asked for them."""

KINDS = {
    "flow": ("期内累计", "adds up over the period"),
    "named_count": ("按名计数", "named things, counted"),
    "stock": ("时点数", "stock on a day"),
    "ratio": ("比率", "ratio"),
    "coverage": ("覆盖率", "coverage"),
    "milestone": ("里程碑", "milestone"),
    "qualitative": ("定性", "qualitative"),
    "derived": ("热线派生", "derived from the hotline"),
}

COMPUTABLE = {
    "C": ("由数据源计算", "computed from the feeds"),
    "P": ("需另有台账，目前由部门申报", "would need a further register; declared for now"),
    "D": ("只能由部门申报并附依据", "can only be declared, with evidence"),
}

UNITS = {
    "town": ("镇街", "towns"),
    "department": ("部门", "departments"),
    "other": ("其他单位", "others"),
    "": ("未提供、未登记的单位", "not supplied, not registered"),
}

CADENCES = {
    "daily": ("每日", "daily"),
    "weekly": ("每周", "weekly"),
    "monthly": ("每月", "monthly"),
    "quarterly": ("每季", "quarterly"),
    "yearly": ("每年", "yearly"),
    "irregular": ("不定期", "irregular"),
}

MODES = {
    "full": ("全量", "full"),
    "delta": ("增量", "delta"),
    "window": ("滚动窗口", "window"),
    "correction": ("更正", "correction"),
    "retraction": ("撤回", "retraction"),
}

BASES = {
    "official": ("官方", "official"),
    "user_supplied": ("用户提供", "supplied by a user"),
    "example": ("示例", "example"),
}

THEMES = {
    "civil_affairs": ("民政", "Civil affairs"),
    "culture": ("文化", "Culture"),
    "education": ("教育", "Education"),
    "governance": ("基层治理", "Local governance"),
    "health": ("卫健", "Health"),
    "hotline": ("接诉即办", "Hotline"),
    "housing": ("住建", "Housing"),
    "party": ("党建", "Party work"),
}

_SELF_EVIDENT = ("boolean", "rate")
"""Units that the number says itself."""

PARAMETERS: Mapping[str, tuple[str, str]] = {
    "added": ("计为增加的变动", "changes that add"),
    "removed": ("计为减少的变动", "changes that subtract"),
    "net": ("净额（减少的扣除）", "net of what was taken away"),
    "stages": ("学段", "stages"),
    "statuses": ("状态", "statuses"),
    "excluded_categories": ("剔除的类别", "categories left out"),
    "facility_types": ("设施类型", "types of facility"),
    "organisation_types": ("组织类型", "types of organisation"),
    "housing_types": ("房源类型", "types of housing"),
    "milestone": ("所计节点", "milestone counted"),
    "urban_classes": ("算作城市社区的城乡分类", "urban-rural classes taken for urban"),
    "count_unknown_class": ("分类缺失的也计入", "those without a class count, too"),
    "renewal_types": ("改造类型", "types of renewal"),
    "management_modes": ("物业管理方式", "modes of management"),
    "registrar_contains": ("登记机关名称含", "the registrar's name contains"),
    "names": ("所计名称", "names counted"),
    "name_prefixes": ("名称前可加", "prefixes that a name may have"),
    "excluded_unit_types": ("剔除的单位类型", "types of unit left out"),
    "excluded_towns": ("剔除的镇街", "towns left out"),
    "score_of": ("由以下三率加权", "weighed from these rates"),
    "numerator": ("分子", "numerator"),
    "denominator": ("分母", "denominator"),
    "within_days": ("几日内算重复", "days within which it is a repeat"),
    "urgent_hours": ("各紧急程度的派单时限（小时）", "hours to dispatch, by urgency"),
    "in_force_from": ("自何日起计", "counted from"),
}

COUNTED: Mapping[str, tuple[str, str]] = {
    "valid": ("有效回访的工单", "orders with a valid callback"),
    "contacted": ("已联系", "contacted"),
    "resolved": ("已解决", "resolved"),
    "satisfied": ("满意（按口径折算）", "satisfied, as the policy counts"),
    "is_dispatched": ("已派单", "dispatched"),
    "dispatched_in_time": ("按时派单", "dispatched in time"),
    "is_timed": ("有派单时限的工单", "orders with a term for dispatch"),
    "closed_in_time": ("按时办结", "closed in time"),
    "is_closable": ("有办结期限的工单", "orders with a term for closing"),
    "returned": ("曾退单", "returned"),
    "return_known": ("退单次数已知的工单", "orders whose returns are known"),
    "excluded": ("剔除", "excluded"),
    "exclusion_known": (
        "剔除与否已知的工单",
        "orders of which it is known whether they are excluded",
    ),
    "completed": ("竣工", "completion"),
}


def pick(pair: tuple[str, str], lang: str) -> str:
    """The text of a pair in a language."""
    return pair[0] if lang == "zh" else pair[1]


def status(word: str, lang: str) -> str:
    """A status as a reader of this language knows it."""
    return word if lang == "zh" else STATUSES[word][1]


def name(statement: Statement, lang: str) -> str:
    """An indicator's name."""
    return statement.name_zh if lang == "zh" else statement.name_en


def unit(statement: Statement, lang: str) -> str:
    """What a value is counted in; empty where the number says it itself."""
    if statement.unit_en in _SELF_EVIDENT:
        return ""
    return (statement.unit_zh if lang == "zh" else statement.unit_en) or ""


def unit_of_table(statement: Statement) -> str:
    """The unit of a value in a file: rates are 0 to 1 there."""
    return statement.unit_zh or {"rate": "比率（0至1）", "boolean": "是否（1为是）"}.get(
        statement.unit_en or "", statement.unit_en or "—"
    )


def number(value: float | None, statement: Statement, lang: str, *, sign: bool = False) -> str:
    """A value without its unit; a rate in percent, a yes or no in words, never a signed nought."""
    if value is None:
        return "—"
    if statement.unit_en == "boolean" and not sign:
        return pick(("是", "yes") if value else ("否", "no"), lang)
    is_rate = statement.unit_en == "rate"
    scaled = value * 100 if is_rate else value
    digits = 1 if is_rate else 0 if value == round(value) else 2
    if sign and not round(scaled, digits):
        return "0"
    return f"{scaled:{'+' if sign else ''},.{digits}f}" + ("%" if is_rate and not sign else "")


def amount(value: float | None, statement: Statement, lang: str, *, sign: bool = False) -> str:
    """A value with its unit; differences of rates in percentage points."""
    text = number(value, statement, lang, sign=sign)
    if value is None or (sign and text == "0"):
        return text
    if statement.unit_en == "rate" and sign:
        return f"{text} {pick(('个百分点', 'pp'), lang)}"
    shown = unit(statement, lang)
    if lang == "en" and abs(value) != 1:
        shown = plural(shown)
    return f"{text} {shown}" if shown else text


def plural(noun: str) -> str:
    """An English unit for more than one; `per 10k` and the like stay."""
    if not noun.isalpha():
        return noun
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def gap(value: float, statement: Statement, lang: str) -> str:
    """How far it still is, without a sign, in the indicator's unit."""
    return amount(abs(value), statement, lang, sign=True).lstrip("+")


def definition(statement: Statement, plan: Plan, lang: str) -> list[tuple[str, str]]:
    """The parameters of a definition as pairs of words; an empty list of kinds means all of them."""
    return [
        (pick(PARAMETERS.get(key, (key, key)), lang), _shown(key, value, plan, lang))
        for key, value in statement.definition.items()
        if key != "query"
    ]


def _shown(key: str, value: Any, plan: Plan, lang: str) -> str:
    between = pick(("、", ", "), lang)
    if isinstance(value, bool):
        return pick(("是", "yes") if value else ("否", "no"), lang)
    if isinstance(value, Mapping):
        return between.join(f"{each} {of}" for each, of in value.items())
    if isinstance(value, (list, tuple)):
        if not value:
            is_left_out = key.startswith("excluded")
            return pick(("无", "none") if is_left_out else ("不限", "all"), lang)
        if key == "score_of":
            value = [name(plan.statement(code), lang) for code in value]
        return between.join(str(each) for each in value if each)
    return pick(COUNTED[value], lang) if value in COUNTED else str(value)


def sentence(reason: Reason, feeds: Mapping[str, tuple[str, str]], lang: str) -> str:
    """A reason for readers: feeds by their names, statuses in the reader's language."""
    text = reason.message_zh if lang == "zh" else reason.message_en
    for feed, names in feeds.items():
        text = text.replace(feed, pick(names, lang))
    if lang == "en":
        for word, (_, english) in STATUSES.items():
            text = text.replace(word, english)
        return text.replace("不定 open", "open")
    return text.replace("不定 open", "不定")
