"""Intermediate tables computed once per day of reading, because many expressions start from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import ibis

if TYPE_CHECKING:
    from baoxue.store import Known

_tables: WeakKeyDictionary[Known, dict[str, ibis.Table]] = WeakKeyDictionary()


def kept(known: Known, name: str, make: Callable[[], ibis.Table]) -> ibis.Table:
    """The table `make()` gives, computed at the first call and read from then on.

    It lies as a temporary table on the connection of `known` and goes with it, so it can be joined to any table of
    that day and never outlives it. `name` must be used for one expression only.
    """
    tables = _tables.setdefault(known, {})
    if name not in tables:
        tables[name] = known.connection.create_table(name, make(), temp=True)
    return tables[name]
