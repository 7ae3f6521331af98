"""Which small changes a module can be given: operators, constants, branches, returned values, removed statements."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARED: dict[type, type] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_COUNTED: dict[type, type] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr
}  # fmt: skip
_SQL = re.compile(r"\b(SELECT|UPDATE|INSERT|DELETE|WHERE|AND|ORDER BY)\b")
_IN_SQL = [
    (re.compile(r" AND (?!INTERVAL)"), " OR "), (re.compile(r" = "), " <> "), (re.compile(r" <> "), " = "),
    (re.compile(r" > "), " >= "), (re.compile(r" < "), " <= "), (re.compile(r" DESC\b"), " ASC"),
    (re.compile(r"\bNOT EXISTS\b"), "EXISTS"), (re.compile(r"\bIS NULL\b"), "IS NOT NULL"),
]  # fmt: skip
_UNSEEN = re.compile(r"^((self\.)?log\.|report\(|logging\.|_name_task\(|warnings\.)")
"""Statements that change what is logged or shown on the way, and nothing else."""


@dataclass(frozen=True)
class Change:
    """One place of one module, and what would stand there instead."""

    path: str
    line: int
    was: str
    now: str
    start: int
    end: int
    """Bytes of the module."""

    def text(self, source: bytes) -> str:
        """The line in which it stands: with what was and is now there, what it is known by."""
        return source.splitlines()[self.line - 1].decode().strip()

    def applied(self, source: bytes) -> bytes:
        return source[: self.start] + self.now.encode() + source[self.end :]

    def __str__(self) -> str:
        def shown(text: str) -> str:
            return " ".join(text.split())[:90]

        return f"{self.path}:{self.line}: {shown(self.was)}  ->  {shown(self.now)}"


def changes(path: str, source: bytes) -> list[Change]:
    """All changes of a module that is still Python after them, in the order of its text."""
    tree = ast.parse(source)
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    possible = []
    for node, now in _of(tree):
        start = starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        end = starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
        was = source[start:end].decode()
        if now is not None:
            possible.append(Change(path, node.lineno, was, now, start, end))  # type: ignore[attr-defined]
        elif _SQL.search(was):
            possible += _in_sql(path, source, start, end)
    return sorted(
        {each for each in possible if _is_python(each.applied(source))},
        key=lambda each: (each.start, each.end, each.now),
    )


def _in_sql(path: str, source: bytes, start: int, end: int) -> Iterator[Change]:
    """Changes of a statement's text, each with what stands around it, so that it is known again."""
    text = source[start:end].decode()
    for pattern, instead in _IN_SQL:
        for place in pattern.finditer(text):
            left, right = max(0, place.start() - 30), min(len(text), place.end() + 30)
            at = start + len(text[:left].encode())
            was = text[left:right]
            now = text[left : place.start()] + instead + text[place.end() : right]
            line = source[:at].count(b"\n") + 1
            yield Change(path, line, was, now, at, at + len(was.encode()))


def _is_python(source: bytes) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def _of(tree: ast.Module) -> Iterator[tuple[ast.AST, str | None]]:
    """Places and what would stand there; None for a text, which may be SQL."""
    passed_over = set()
    for node in ast.walk(tree):
        unseen = (
            _is_typing(node)
            or (isinstance(node, ast.Expr) and _is_unseen(node))
            or (isinstance(node, ast.arg | ast.AnnAssign) and not getattr(node, "value", None))
        )
        if unseen:
            passed_over |= set(map(id, ast.walk(node)))
        if isinstance(node, ast.JoinedStr):
            passed_over |= set(map(id, ast.walk(node))) - {id(node)}
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            asides = [*node.decorator_list, getattr(node, "returns", None) or ast.Pass()]
            passed_over |= {id(each) for aside in asides for each in ast.walk(aside)}
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            passed_over |= set(map(id, ast.walk(node.annotation)))
        if id(node) not in passed_over:
            yield from _mutated(node)


def _is_typing(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _is_unseen(node: ast.Expr) -> bool:
    return isinstance(node.value, ast.Constant) or bool(_UNSEEN.match(ast.unparse(node)))


def _mutated(node: ast.AST) -> Iterator[tuple[ast.AST, str | None]]:
    match node:
        case ast.Compare(left, [operator], [right]) if type(operator) in _COMPARED:
            other = _COMPARED[type(operator)]()
            yield node, _text(ast.Compare(left, [other], [right]))
        case ast.BoolOp(operator, values):
            other = ast.Or() if isinstance(operator, ast.And) else ast.And()
            yield node, _text(ast.BoolOp(other, values))
        case ast.BinOp(left, operator, right) if type(operator) in _COUNTED:
            yield node, _text(ast.BinOp(left, _COUNTED[type(operator)](), right))
        case ast.UnaryOp(ast.Not(), operand):
            yield node, _text(operand)
        case ast.If(test) | ast.While(test) | ast.IfExp(test):
            for certain in ("True", "False"):
                if not (isinstance(node, ast.While) and certain == "True"):
                    yield test, certain
        case ast.Return(value) if value is not None and ast.unparse(value) != "None":
            yield node, "return None"
        case ast.Raise() | ast.AugAssign() | ast.Expr():
            yield node, "pass"
        case ast.Constant(bool() as value):
            yield node, str(not value)
        case ast.Constant(int() | float() as value):
            yield node, repr(value + 1)
        case ast.JoinedStr() | ast.Constant(str()):
            yield node, None
        case _:
            return


def _text(node: ast.expr) -> str:
    return f"({ast.unparse(ast.fix_missing_locations(node))})"
