"""Warm kernels: as clean as plain ones, for every client of Jupyter, and nothing of them left, however they end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import nbformat
import papermill
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager, start_new_kernel
from jupyter_client.multikernelmanager import AsyncMultiKernelManager
from nbval.kernel import RunningKernel

from baoxue.remembered import MEMORY
from baoxue.run.parents import SWITCH
from conftest import eventually, is_alive
from notebooks_drawn import notebook

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")

FACTS = """import json, os, signal, sys
import matplotlib, pandas
volatile = ("JPY_", "IPYTHONDIR", "MPLBACKEND", "PYTEST")
print(json.dumps({
    "path": sys.path, "argv": sys.argv[0], "cwd": os.getcwd(), "executable": sys.executable,
    "environment": {k: v for k, v in os.environ.items() if not k.startswith(volatile)},
    "backend": matplotlib.get_backend(), "dpi": matplotlib.rcParams["figure.dpi"],
    "signals": [str(signal.getsignal(number)) for number in (2, 15, 17)], "umask": os.umask(0o22),
    "main": sys.modules["__main__"].__name__, "leads its group": os.getpgid(0) == os.getpid(),
    "width": pandas.get_option("display.width"), "names": sorted(name for name in globals() if name[0] != "_"),
}))"""

CHANGES = """import os, random, sys
import textwrap, numpy, pandas, matplotlib, baoxue.rates
textwrap.fill, pandas.DataFrame.head, baoxue.rates.left_behind = None, None, 1
matplotlib.rcParams["figure.dpi"] = 7
pandas.set_option("display.width", 33)
os.environ["LEFT_BEHIND"] = "1"
os.chdir("/")
os.umask(0)
random.seed(1); numpy.random.seed(1)
sys.path.insert(0, "/left/behind")"""


LEFT = """import textwrap, pandas, baoxue.rates
print(textwrap.fill, pandas.DataFrame.head, hasattr(baoxue.rates, 'left_behind'))"""


@contextmanager
def kernel(name: str = "baoxue", **settings) -> Iterator[tuple[KernelManager, Callable[[str], str]]]:
    """A kernel, and a function that executes code in it and returns what was printed or raised."""
    manager, client = start_new_kernel(kernel_name=name, **settings)

    def run(code: str) -> str:
        heard: list[str] = []
        client.execute_interactive(
            code, timeout=60, output_hook=lambda message: heard.append(_said(message["content"]))
        )
        return "".join(heard).strip()

    try:
        yield manager, run
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _said(content: dict) -> str:
    return content.get("text") or content.get("ename", "")


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def test_a_kernel_finds_what_a_plain_one_finds_whatever_the_one_before_it_changed(tmp_path: Path) -> None:
    with kernel("python3", cwd=str(tmp_path)) as (_, run):
        plain = json.loads(run(FACTS))
    with kernel() as (_, run):
        assert run(CHANGES) == ""
    with kernel(cwd=str(tmp_path)) as (manager, run):
        assert json.loads(run(FACTS)) == plain
        left = run(LEFT)
        assert "None" not in left and left.endswith("False")
        assert parent_of(manager.provisioner.pid) != os.getpid()


def test_two_kernels_draw_different_random_numbers() -> None:
    drawn = []
    for _ in range(2):
        with kernel() as (_, run):
            drawn.append(run("import random, numpy; print(random.random(), numpy.random.random())").split())
    assert drawn[0][0] != drawn[1][0] and drawn[0][1] != drawn[1][1]


def test_the_parent_has_one_thread_and_the_kernel_as_many_for_numbers_as_it_was_given() -> None:
    threads = "import numpy, threadpoolctl; print({p['num_threads'] for p in threadpoolctl.threadpool_info()})"
    for given in ("1", "2"):
        with kernel(env={**os.environ, "OMP_NUM_THREADS": given, "OPENBLAS_NUM_THREADS": given}) as (manager, run):
            assert run(threads) == f"{{{given}}}"
            parent = parent_of(manager.provisioner.pid)
            assert len(list(Path(f"/proc/{parent}/task").iterdir())) == 1


def test_its_sockets_are_files_that_are_gone_afterwards() -> None:
    with kernel() as (manager, _):
        folder = Path(manager.ip).parent
        assert manager.transport == "ipc" and len(list(folder.iterdir())) >= 5
    assert not folder.exists()


def test_a_running_cell_can_be_interrupted() -> None:
    with kernel() as (manager, run):
        threading.Timer(1, manager.interrupt_kernel).start()
        assert run("import time; print('begun'); time.sleep(60)").endswith("KeyboardInterrupt")


def test_a_kernel_can_be_started_again_in_place() -> None:
    with kernel() as (manager, run):
        first = manager.provisioner.pid
        run("left = 1")
        manager.restart_kernel(now=True)
        assert run("left") == "NameError"
        assert manager.provisioner.pid != first and not is_alive(first)


def test_its_memory_is_given_back_and_what_it_started_ends_with_it() -> None:
    with kernel() as (manager, run):
        parent = parent_of(manager.provisioner.pid)
        before = resident(parent)
        run("held = bytearray(200 << 20)")
        child = int(run("import subprocess; print(subprocess.Popen(['sleep', '600']).pid)"))
        family = [manager.provisioner.pid, child]
        assert all(map(is_alive, family))
    assert eventually(lambda: not any(map(is_alive, family)), 10)
    assert resident(parent) - before < 20 << 20


def resident(process: int) -> int:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_the_switch_gives_a_plain_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "0")
    with kernel() as (manager, run):
        assert run("print(1)") == "1" and parent_of(manager.provisioner.pid) == os.getpid()
        assert manager.transport == "ipc"


def test_papermill_nbval_and_the_server_of_jupyterlab_get_it_unchanged(tmp_path: Path) -> None:
    shown = "import os; print(os.getppid())"
    name = notebook(tmp_path, "a", shown)
    executed = papermill.execute_notebook(f"{name}.ipynb", None, kernel_name="baoxue", progress_bar=False)
    parents = {nbformat.from_dict(executed).cells[-1].outputs[0].text.strip()}
    running = RunningKernel("baoxue", str(tmp_path))
    parents.add(str(parent_of(running.km.provisioner.pid)))
    running.stop()
    with ThreadPoolExecutor(1) as apart:  # another test of this process may have left its loop running
        parents.add(str(apart.submit(asyncio.run, started_by_a_server()).result()))
    assert len(parents) == 1 and str(os.getpid()) not in parents


async def started_by_a_server() -> int:
    """The parent of a kernel that is started as JupyterLab's server starts one."""
    kernels = AsyncMultiKernelManager()
    name = await kernels.start_kernel(kernel_name="baoxue")
    parent = parent_of(kernels.get_kernel(name).provisioner.pid)
    await kernels.shutdown_kernel(name, now=True)
    return parent


def test_a_python3_notebook_is_served_too_where_the_default_provisioner_is_named(monkeypatch) -> None:
    from jupyter_client.provisioning import KernelProvisionerFactory

    monkeypatch.setattr(KernelProvisionerFactory.instance(), "default_provisioner_name", "baoxue")
    with kernel("python3") as (manager, _):
        assert parent_of(manager.provisioner.pid) != os.getpid()


def test_its_kernelspec_starts_the_kernel_of_this_python_for_whoever_has_no_provisioner() -> None:
    spec = KernelSpecManager().get_kernel_spec("baoxue")
    assert spec.argv == ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"] and spec.language == "python"


CLIENT = """import sys, time
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="baoxue")
client.execute_interactive("import subprocess; p = subprocess.Popen(['sleep', '600']); print(p.pid)",
    output_hook=lambda m: m["msg_type"] == "stream" and print(m["content"]["text"].strip(), flush=True))
print(manager.provisioner.pid, manager.ip, flush=True)
time.sleep(600)"""


def test_notebooks_of_one_parent_remember_together_and_a_plain_kernel_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(MEMORY)
    asked = f"import os; print(os.environ.get({MEMORY!r}))"
    found = []
    for _ in range(2):
        with kernel() as (manager, run):
            found.append(run(asked))
            assert Path(found[-1]).parent == manager.provisioner._folder.parent
    assert found[0] == found[1]
    monkeypatch.setenv(SWITCH, "0")
    with kernel() as (_, run):
        assert run(asked) == "None"


def test_a_killed_client_leaves_no_kernel_no_parent_and_no_file() -> None:
    running = subprocess.Popen([sys.executable, "-c", CLIENT], stdout=subprocess.PIPE, text=True)
    assert running.stdout
    child = int(running.stdout.readline())
    pid, place = running.stdout.readline().split()
    family = [child, int(pid), parent_of(int(pid))]
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert eventually(lambda: not any(map(is_alive, family)), 20)
    assert eventually(lambda: not Path(place).parent.parent.exists(), 10)


def test_a_killed_parent_takes_its_kernels_and_another_takes_its_place() -> None:
    with kernel() as (manager, _):
        parent, pid = parent_of(manager.provisioner.pid), manager.provisioner.pid
        os.kill(parent, signal.SIGKILL)
        assert eventually(lambda: not is_alive(pid), 10)
        assert not manager.is_alive()
    with kernel(env={**os.environ, "PYTHONHASHSEED": "5"}) as (manager, run):
        assert parent_of(manager.provisioner.pid) not in (parent, os.getpid())
        expected = subprocess.check_output(
            [sys.executable, "-c", "print(hash('a'))"], text=True, env={**os.environ, "PYTHONHASHSEED": "5"}
        )
        assert run("print(hash('a'))") == expected.strip()
