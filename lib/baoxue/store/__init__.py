"""The store: append-only Parquet, every row with the day it became known, read only as of a date.

`take_in` reads a county's drop folder into a store, `take_answers_in` the lists that schools hand back.
`Store.known_by` is the only way to read what is about children,
`Store.identity` the only way to their names, and every opening of it is logged.
"""

from __future__ import annotations

from baoxue.store.folder import Store
from baoxue.store.known import LINKS, Known
from baoxue.store.restricted import StoreError
from baoxue.store.taking import take_answers_in, take_in

__all__ = ["LINKS", "Known", "Store", "StoreError", "take_answers_in", "take_in"]
