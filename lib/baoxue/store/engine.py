"""DuckDB in process, by an engine that turns a question into SQL once, whatever day it is asked of.

A model learns from many days, and asks the same large questions of each. Building and printing their SQL takes ibis
longer than DuckDB takes to answer them for a county of a few thousand pupils.
"""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from ibis.backends import BaseBackend
from ibis.backends.duckdb import Backend
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler
from ibis.expr import operations as ops
from sqlglot.expressions import Expression, Var

from baoxue.remembered import text

if TYPE_CHECKING:
    import ibis.expr.types as ir


class _Compiler(DuckDBCompiler):
    def to_sqlglot(
        self, expr: ir.Expr, *, limit: str | None = None, params: Mapping[ir.Expr, Any] | None = None
    ) -> Expression:
        asked = None if params else shape(expr.op())
        if asked is None:
            return cast(Expression, super().to_sqlglot(expr, limit=limit, params=params))
        anew = partial(super().to_sqlglot, expr, limit=limit)
        return Var(this=text(f"{limit} {asked}", lambda: anew().sql(self.dialect, copy=False)))


class Engine(Backend):
    """ibis's backend for DuckDB; only how expressions become SQL is its own."""

    compiler = _Compiler()


def connect() -> BaseBackend:
    """A connection to a DuckDB of its own, in memory, with as many threads as numbers are given (OMP_NUM_THREADS).

    Of two kernels on two processors each has one: more would only wait for each other.
    """
    given = os.environ.get("OMP_NUM_THREADS", "")
    settings = {"threads": int(given)} if given.isdigit() and int(given) else {}
    return cast(BaseBackend, Engine().connect(**settings))


def shape(asked: ops.Node) -> tuple[Hashable, ...] | None:
    """All that an expression's SQL depends on: its operations in order, each with its arguments; equal, and written
    alike, for equal questions to tables of the same names on different connections.

    None where rows in memory are part of it: they have a name of their own each time.
    """
    places: dict[int, int] = {}
    lines: list[Hashable] = []
    todo: list[ops.Node] = [asked]
    while todo:
        node = todo[-1]
        if isinstance(node, ops.InMemoryTable):
            return None
        missing = [part for part in _operations(node.args) if id(part) not in places]
        if missing:
            todo.extend(missing)
            continue
        todo.pop()
        if id(node) not in places:
            lines.append((type(node), *(_part(part, places) for part in node.args)))
            places[id(node)] = len(lines)
    return tuple(lines)


def _operations(parts: object) -> list[ops.Node]:
    if isinstance(parts, ops.Node):
        return [parts]
    if isinstance(parts, Mapping):
        parts = tuple(parts.values())
    if isinstance(parts, tuple):
        return [node for part in parts for node in _operations(part)]
    return []


def _part(part: object, places: Mapping[int, int]) -> Hashable:
    """An argument: an operation by its place, a value with its type (1 is not True), a connection by its kind."""
    if isinstance(part, ops.Node):
        return ops.Node, places[id(part)]
    if isinstance(part, BaseBackend):
        return type(part).__name__
    if isinstance(part, Mapping):
        return tuple((name, _part(value, places)) for name, value in part.items())
    if isinstance(part, tuple):
        return tuple(_part(value, places) for value in part)
    return type(part), part
