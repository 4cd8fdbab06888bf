"""One notebook executed with papermill: to its last cell, or a failure that says why; never half a result."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from baoxue.run.declared import read
from baoxue.run.folders import kernel_folder, log_file

INJECTED = "injected-parameters"
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_STARTED_WITHIN_S = 120


class Failed(Exception):
    """A notebook that did not reach its end: the last line of its traceback, and the traceback."""

    def __init__(self, last_line: str, traceback: str = "") -> None:
        super().__init__(last_line)
        self.last_line = last_line
        self.traceback = traceback


def execute(
    notebook: Path,
    parameters: Mapping[str, object],
    *,
    cell_timeout_s: int,
    scrub: dict[str, str],
    on_cell: Callable[[int, int], object],
) -> NotebookNode:
    """The executed notebook, without the marks papermill leaves and with each text of `scrub` replaced.

    `on_cell(done, of)` is called after each cell. Raises Failed if a cell raises, takes longer than `cell_timeout_s`
    or leaves by sys.exit, and if the kernel dies.
    """
    source = read(notebook)
    with kernel_folder():
        executed = _papermill(source, parameters, cell_timeout_s, on_cell)
    return scrubbed(clean(executed), scrub)


def _papermill(
    source: NotebookNode, parameters: Mapping[str, object], cell_timeout_s: int, on_cell: Callable[[int, int], object]
) -> NotebookNode:
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    of = len(source.cells)
    try:
        executed = papermill.execute_notebook(
            source,
            None,
            parameters=dict(parameters),
            kernel_name="python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            start_timeout=_STARTED_WITHIN_S,
            execution_timeout=cell_timeout_s,
            kernel_manager_class="baoxue.run.kernels.QuietKernelManager",
            # what leaves is closed and named by then, and what it left lies in its folder
            shutdown_kernel="immediate",
            # how a kernel cuts what is printed into messages is a matter of time
            coalesce_streams=True,
            on_cell_complete=lambda cell, cell_index: on_cell(min(cell_index + 1, of), of),
        )
    except papermill.PapermillExecutionError as error:
        last = f"{error.ename}: {error.evalue}".strip(": \n").splitlines()
        raise Failed(last[0], _ANSI.sub("", "\n".join(error.traceback))) from error
    except CellTimeoutError as error:
        raise Failed(f"CellTimeoutError: a cell took longer than {cell_timeout_s} s", str(error)) from error
    except DeadKernelError as error:
        raise Failed("DeadKernelError: the kernel died (memory?)", _last_words()) from error
    _refuse_unfinished(executed)
    return executed


def _last_words() -> str:
    log = log_file()
    return log.read_text(encoding="utf-8", errors="replace")[-4000:] if log.exists() else ""


def _refuse_unfinished(notebook: NotebookNode) -> None:
    """A left-out cell, or an exit, passes papermill as success."""
    for number, cell in enumerate(_code_cells(notebook), start=1):
        left = [output for output in cell.outputs if output.output_type == "error"]
        if left:
            raise Failed(f"{left[0].ename}: code cell {number} left the notebook before its end")
        if cell.execution_count != number:
            raise Failed(f"Unfinished: code cell {number} was not executed", _last_words())


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def clean(notebook: NotebookNode) -> NotebookNode:
    """The notebook with nothing in its metadata but tags, kernel and language, so that equal runs give equal files."""
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = NotebookNode({"tags": tags} if tags else {})
        if INJECTED in tags:
            cell.id = INJECTED
    notebook.metadata = NotebookNode(
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python"},
    )
    return notebook


def scrubbed(notebook: NotebookNode, scrub: dict[str, str]) -> NotebookNode:
    """The notebook with each text of `scrub`, the longest first, replaced wherever it stands, also inside literals."""
    # papermill writes a Chinese folder into the injected cell as escapes
    meant = scrub | {text.encode("unicode_escape").decode(): instead for text, instead in scrub.items()}
    order = sorted((text for text in meant if text), key=len, reverse=True)

    def replaced(value: object) -> object:
        if isinstance(value, str):
            for text in order:
                value = value.replace(text, meant[text])
            return value
        if isinstance(value, dict):
            return {key: inner if key.startswith("image/p") else replaced(inner) for key, inner in value.items()}
        return [replaced(inner) for inner in value] if isinstance(value, list) else value

    return nbformat.from_dict(replaced(notebook))
