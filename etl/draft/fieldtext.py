"""A field as lines of a contract: what a column was found to be, and above it from what that was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from etl.draft.edit import quoted
from etl.draft.infer import Inferred
from etl.draft.profile import Profile

_HANDLED = {
    "identity": "drop",
    "phone": "drop",
    "email": "drop",
    "name": "drop",
    "text": "restricted",
}
_WORDS = {
    "identity": "居民身份证号（校验码正确）resident numbers with their check digit",
    "phone": "电话号码 telephone numbers",
    "email": "电子邮箱 e-mail addresses",
    "name": "人名（按表头）names of persons, by the header",
    "text": "文字中夹有个人信息 free text with personal data in it",
}


@dataclass(frozen=True)
class FieldText:
    """A field as YAML: remarks to stand above it, and its lines without the dash."""

    remarks: tuple[str, ...]
    lines: tuple[str, ...]

    def block(self, indent: str) -> list[str]:
        """As an entry of a list."""
        first, *rest = self.lines
        above = [f"{indent}# {remark}" for remark in self.remarks]
        return [*above, f"{indent}- {first}", *(f"{indent}  {line}" for line in rest)]


def field_text(
    name: str,
    profile: Profile,
    inferred: Inferred,
    *,
    key_position: int | None = None,
    single: bool = True,
    required: bool = False,
    english: str = "",
    source: str = "",
) -> FieldText:
    """A field told from a column; what nobody can tell stands there as a question with its answers to choose from."""
    remarks = [*([source] if source else []), "；".join(inferred.told)]
    lines = [
        f"name: {quoted(name)}",  # a field may be called `no`, which YAML takes for false
        f"businessName: {quoted(profile.header or f'第{int(profile.name[1:]) + 1}列')}",
        f"logicalType: {'string' if key_position else inferred.type}",
    ]
    custom: list[str] = []
    if english and english != name:
        custom.append(f"{{property: englishName, value: {quoted(english)}}}")
    if key_position is not None or required:
        lines.append("required: true")
    if key_position is not None:
        lines.append("primaryKey: true")
        lines += [] if single else [f"primaryKeyPosition: {key_position}"]
    personal = profile.personal
    lines.append(f"classification: {'internal' if personal is None else 'personal'}")
    if personal is not None:
        share = "" if personal.by_header else f" {personal.share:.0%}"
        remarks.append(f"个人信息 personal: {_WORDS[personal.kind]}{share}")
        custom.append(f"{{property: handling, value: {_HANDLED[personal.kind]}}}")
    if inferred.codes and key_position is None:
        lines.append("enum:")
        lines += [f"  - {{value: {quoted(c)}, label: {quoted(c)}}}" for c in inferred.codes]
        custom.append("{property: vocabulary, value: open}")
    if inferred.order is not None and inferred.order.roc:
        custom.append("{property: era, value: roc}")
    if inferred.formats:
        custom.append(_formats(inferred.formats))
    if custom:
        lines += ["customProperties:", *(f"  - {each}" for each in custom)]
    if inferred.question is not None and inferred.order is not None:
        remarks += [f"TODO 待答：{inferred.question[0]} / {inferred.question[1]}"]
        lines += [f"# customProperties: [{_formats([form])}]" for form in inferred.order.formats]
    return FieldText(tuple(remarks), tuple(lines))


def _formats(forms: Sequence[str]) -> str:
    return "{property: formats, value: [" + ", ".join(f"'{form}'" for form in forms) + "]}"
