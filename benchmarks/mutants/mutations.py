"""Find the places of a Python file where one small change makes a fault, and choose some of them."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SWAPS: Final[Mapping[type[ast.AST], type[ast.AST]]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.And: ast.Or, ast.Or: ast.And, ast.Add: ast.Sub, ast.Sub: ast.Add,
}  # fmt: skip
"""What each operator becomes."""

SILENT: Final = {"log", "_log", "logger"}
"""Names of loggers: what is logged is no behaviour that the quick tests have to hold."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change of one file, with the text before and after."""

    file: str
    place: str
    kind: str
    start: int
    end: int
    before: str
    after: str
    line: int

    def applied(self, source: bytes) -> bytes:
        """Return the file with this change."""
        return source[: self.start] + self.after.encode() + source[self.end :]

    def __str__(self) -> str:
        before, after = (" ".join(text.split()) for text in (self.before, self.after))
        return f"{self.file}:{self.line} {self.place}: {before} -> {after}"


def choose(top: Path, found: Iterable[Mutation], count: int, *, seed: int = 0) -> list[Mutation]:
    """Return so many, one a function: the same ones for the same seed, whatever is edited elsewhere in these files."""
    chosen: dict[tuple[str, str], Mutation] = {}
    for each in sorted(found, key=lambda mutation: _rank(mutation, seed)):
        where = (each.file, each.place)
        if len(chosen) < count and where not in chosen and _is_other(each, (top / each.file).read_bytes()):
            chosen[where] = each
    return sorted(chosen.values(), key=lambda mutation: (mutation.file, mutation.start))


def _rank(mutation: Mutation, seed: int) -> str:
    words = (str(seed), mutation.file, mutation.place, mutation.kind, mutation.before)
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def find(top: Path, file: Path) -> list[Mutation]:
    """Return every mutation of this file, in the order of its lines."""
    source = file.read_bytes()
    name = file.relative_to(top).as_posix()
    return list(_Finder(name, source).all())


def _is_other(mutation: Mutation, source: bytes) -> bool:
    """Return whether the file says something else with it, and is Python still."""
    try:
        changed = ast.parse(mutation.applied(source))
    except SyntaxError:
        return False
    return ast.dump(changed) != ast.dump(ast.parse(source))


class _Finder:
    """Walks through one file."""

    def __init__(self, name: str, source: bytes) -> None:
        self._name = name
        self._source = source
        lines = source.splitlines(keepends=True)
        self._starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]

    def all(self) -> Iterator[Mutation]:
        """Yield the mutations of every function; what a module says outside of one is data."""
        yield from self._inside(ast.parse(self._source), "")

    def _inside(self, node: ast.AST, place: str) -> Iterator[Mutation]:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            place = f"{place}.{node.name}" if place else node.name
        if place and not isinstance(node, ast.ClassDef):
            yield from (self._made(part, place, kind, after) for part, kind, after in _changes(node))
        for child in _children(node):
            yield from self._inside(child, place)

    def _made(self, node: ast.expr | ast.stmt, place: str, kind: str, after: str) -> Mutation:
        start = self._starts[node.lineno - 1] + node.col_offset
        end = self._starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        before = self._source[start:end].decode()
        return Mutation(self._name, place, kind, start, end, before, after, node.lineno)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is looked into: bodies and expressions, but no annotation, decorator, message or log event."""
    if isinstance(node, ast.Raise | ast.Assert) or _is_silent(node):
        return
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield from node.body
    elif isinstance(node, ast.AnnAssign):
        yield from [node.value] if node.value else []
    else:
        yield from ast.iter_child_nodes(node)


def _is_silent(node: ast.AST) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    if not isinstance(called, ast.Attribute):
        return False
    return ast.unparse(called.value).split(".")[-1] in SILENT


def _changes(node: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, str, str]]:
    """Yield each part of this node that may change, the kind of its change, and what then stands in its place."""
    if isinstance(node, ast.expr | ast.stmt):
        yield from ((node, kind, after) for kind, after in _replacements(node))
    if isinstance(node, ast.If | ast.While) and isinstance(node.test, ast.Name | ast.Attribute | ast.Call):
        yield node.test, "condition", f"(not {ast.unparse(node.test)})"


def _replacements(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Constant(value=bool(value)):
            yield "constant", str(not value)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield "branches", _said(ast.IfExp(test, orelse, body))
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield "return", "return None"
        case ast.Expr(value=ast.Call() as call) if not _is_silent(call):
            yield "call", "pass"
        case _:
            yield from _with_another_operator(node)


def _with_another_operator(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Compare(ops=[operator, *more]) if type(operator) in SWAPS:
            yield "compare", _said(ast.Compare(node.left, [_swapped(operator), *more], node.comparators))
        case ast.BoolOp(op=operator, values=values):
            yield "logic", _said(ast.BoolOp(_swapped(operator), values))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "not", _said(operand)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as operator, right=right) if not _is_text(left, right):
            yield "arithmetic", _said(ast.BinOp(left, _swapped(operator), right))


def _swapped(operator: ast.AST) -> Any:
    return SWAPS[type(operator)]()


def _said(node: ast.AST) -> str:
    return f"({ast.unparse(node)})"


def _is_text(*parts: ast.expr) -> bool:
    return any(isinstance(part, ast.JoinedStr) or _is_str(part) for part in parts)


def _is_str(part: ast.expr) -> bool:
    return isinstance(part, ast.Constant) and isinstance(part.value, str)
