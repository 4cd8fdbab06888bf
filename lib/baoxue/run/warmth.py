"""What a warm parent has imported, and how a fork of it becomes a kernel as clean as any other."""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

WARM = (
    "ipykernel.kernelapp", "IPython.core.completer", "matplotlib_inline.config", "PIL.PngImagePlugin",
    "numpy", "pandas", "pyarrow.parquet", "pyarrow.dataset", "pyarrow.compute", "duckdb", "ibis",
    "ibis.backends.duckdb", "matplotlib.pyplot", "matplotlib.backends.backend_agg", "seaborn", "scipy.stats",
    "sklearn.linear_model", "sklearn.ensemble", "sklearn.pipeline", "statsmodels.api", "interpret.glassbox",
    "great_tables", "pandera.pandas", "pydantic", "yaml", "chinese_calendar", "docx", "xlsxwriter", "msoffcrypto",
    "python_calamine", "baoxue.registers", "baoxue.cases", "baoxue.panel", "baoxue.rates", "baoxue.features",
    "baoxue.labels", "baoxue.risk", "baoxue.disclosure", "baoxue.lists", "baoxue.charts", "baoxue.charts_risk",
    "baoxue.briefs",
)  # fmt: skip
"""What the parent imports: the packages that notebooks use, and the package they are about."""

QUIET = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""What keeps libraries from starting threads when they are imported."""

INLINE = "module://matplotlib_inline.backend_inline"
"""What ipykernel lets matplotlib draw with; matplotlib asks when it is imported."""

_DIE_WITH_PARENT = 1
_FIRST_TO_GO = "500"


@dataclass(frozen=True)
class Launch:
    """A kernel to be started: the arguments of ipykernel, its folder and its whole environment."""

    arguments: list[str]
    cwd: str
    environment: dict[str, str]


def become(launch: Launch, parent: int) -> None:
    """A kernel as if it had been started by itself: own session, environment, folder, randomness and threads."""
    os.setsid()
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)
    # where memory runs out, the kernel that asked for it goes, not the parent with every other kernel
    Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO)
    os.environ.clear()
    os.environ.update(launch.environment)
    os.chdir(launch.cwd)
    time.tzset()
    _renew()
    import ipykernel_launcher
    from ipykernel import kernelapp

    sys.argv = [ipykernel_launcher.__file__, *launch.arguments]
    kernelapp.launch_new_instance(argv=[*launch.arguments, f"--IPKernelApp.parent_handle={parent}"])


def _renew() -> None:
    """What a process finds out when it starts: a random state of its own, and how many threads it may use.

    The module `random` renews itself in every fork.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits

    np.random.seed()
    given, processors = os.environ, str(len(os.sched_getaffinity(0)))
    openmp = given.get("OMP_NUM_THREADS", processors)
    blas = given.get("OPENBLAS_NUM_THREADS", openmp)
    threadpool_limits({"openmp": int(openmp), "blas": int(blas)})


def warm() -> None:
    """Import and read what notebooks use, and keep the collector from touching it, so that forks share its memory."""
    os.environ.update(QUIET)
    os.environ.setdefault("MPLBACKEND", INLINE)
    for name in WARM:
        importlib.import_module(name)
    # imported outside a kernel, pandas would show tables as in a terminal
    importlib.import_module("pandas").set_option("display.max_columns", 20)
    importlib.import_module("baoxue.words").catalogue()
    _draw()
    gc.collect()
    gc.freeze()


def _draw() -> None:
    """A picture that nobody sees: fonts are found and opened, and what a first picture imports is there."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    from baoxue.charts.house import MissingGlyph, png, use_style

    with mpl.rc_context():
        try:
            use_style()
            ax = Figure(figsize=(2, 1)).subplots()
            ax.set_title("预热 0123456789")
            png(ax)
        except MissingGlyph:
            return  # a notebook that draws will be told
