"""Reading one table of any origin: text in any encoding, a workbook, Parquet, or a query over several files."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from baoxue.risk.mapped import Format
from baoxue.risk.mapping import Mapping, MappingError

_MISSING = ("", "NA", "NaN")


def read_tables(mapping: Mapping, data: Path) -> pd.DataFrame:
    """The one table a mapping speaks of, from a file or from a folder that holds its files.

    Headers are trimmed and aliases renamed. With `query`, the files are given to DuckDB under their names, without
    access to anything else, and its result is the table. Raises MappingError if a file is missing or cannot be read.
    """
    if not data.exists():
        raise MappingError(f"data: there is no file or folder {data.name!r}; give the path of {_wanted(mapping)}")
    folder = data if data.is_dir() else data.parent
    single = data if data.is_file() else folder / mapping.file
    files = {name: folder / file for name, file in mapping.tables.items()} or {"data": single}
    tables = {name: _renamed(read_table(file, mapping.format), mapping) for name, file in files.items()}
    return _query(mapping.query, tables) if mapping.query else tables["data"]


def read_table(file: Path, form: Format) -> pd.DataFrame:
    """A .csv/.tsv/.txt (also .gz), .xlsx/.xls or .parquet file as a frame.

    Only empty, NA, NaN and `form.missing` are missing. A text file whose every line is one quoted cell is unwrapped.
    Raises MappingError with the file's name."""
    missing = [*_MISSING, *form.missing]
    try:
        if file.suffix == ".parquet":
            return pd.read_parquet(file)
        if file.suffix in (".xlsx", ".xls"):
            return pd.read_excel(file, engine="calamine", keep_default_na=False, na_values=missing)
        return _read_text(file, form, missing)
    except (OSError, UnicodeError, pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
        raise MappingError(f"{file.name}: cannot be read as {form.encoding} text or table: {error}") from error


def _read_text(file: Path, form: Format, missing: list[str]) -> pd.DataFrame:
    how: dict[str, Any] = {
        "sep": form.separator,
        "encoding": form.encoding,
        "keep_default_na": False,
        "na_values": missing,
    }
    table = pd.read_csv(file, low_memory=False, **how)
    if len(table.columns) == 1 and form.separator in table.columns[0]:
        lines = [table.columns[0], *table.iloc[:, 0].astype(str)]
        table = pd.read_csv(io.StringIO("\n".join(lines)), **(how | {"encoding": None}))
    return table


def _renamed(table: pd.DataFrame, mapping: Mapping) -> pd.DataFrame:
    trimmed = table.rename(columns=lambda header: str(header).strip())
    official = {other: name for name, others in mapping.aliases.items() for other in others}
    return trimmed.rename(columns=official)


def _query(sql: str, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        connection.execute("SET enable_external_access = false; SET threads = 1")
        try:
            return connection.execute(sql).df()
        except duckdb.Error as error:
            raise MappingError(f"query: {str(error).splitlines()[0]}") from error


def _wanted(mapping: Mapping) -> str:
    return ", ".join(mapping.tables.values()) or mapping.file or "the table"
