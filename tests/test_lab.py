"""`make lab`: the start page opens in JupyterLab, in a real browser, and runs to its end."""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import nbformat
import pytest
from playwright.sync_api import Browser, expect

from conftest import County

ROOT = Path(__file__).resolve().parents[1]
START = ROOT / "notebooks" / "00_start_here.ipynb"
_PATIENCE_S = 90


@pytest.fixture
def lab(tmp_path: Path, county: County) -> Iterator[str]:
    """JupyterLab on a copy of the start page that reads the tiny county: its address. Ended afterwards."""
    (tmp_path / "notebooks").mkdir()
    page = START.read_text("utf-8").replace("data/demo/store", county.store.path.as_posix())
    (tmp_path / "notebooks" / START.name).write_text(page, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    own = ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "JUPYTERLAB_SETTINGS_DIR")
    places = {name: str(tmp_path / name) for name in (*own, "JUPYTERLAB_WORKSPACES_DIR")}
    quiet = ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1", f"--port={port}", *quiet]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={tmp_path / 'notebooks'}", "--allow-root"]
    with (tmp_path / "lab.log").open("wb") as log:
        server = subprocess.Popen(
            command, env={**os.environ, **places}, stdout=log, stderr=log, start_new_session=True, cwd=tmp_path
        )
    try:
        _await(f"http://127.0.0.1:{port}/api/status?token={token}", server, tmp_path / "lab.log")
        yield f"http://127.0.0.1:{port}/lab/tree/{START.name}?token={token}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _await(address: str, server: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text("utf-8", errors="replace")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except URLError:
            time.sleep(0.3)
    raise AssertionError(log.read_text("utf-8", errors="replace"))


def test_the_start_page_opens_in_jupyterlab_and_runs_to_its_end(lab: str, browser: Browser) -> None:
    tab = browser.new_page(viewport={"width": 1400, "height": 1000})
    tab.set_default_timeout(_PATIENCE_S * 1000)
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(lab)
    tab.locator(".jp-Notebook").wait_for()
    expect(tab.locator(".jp-Notebook h1").first).to_have_text(re.compile("从这里开始"), timeout=_PATIENCE_S * 1000)
    # asked before its kernel has answered, JupyterLab runs nothing and says nothing
    tab.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').first.wait_for(state="attached")
    tab.get_by_role("menuitem", name="Run", exact=True).click()
    tab.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    tab.get_by_role("button", name="Save and create checkpoint").first.wait_for()
    last = tab.locator(".jp-Notebook .jp-CodeCell").last
    expect(last.locator(".jp-InputPrompt").first).to_have_text(re.compile(r"\[10\]"), timeout=_PATIENCE_S * 1000)
    expect(last).to_contain_text("holds")
    assert tab.locator(".jp-Notebook .jp-RenderedImage img").count() == 1
    assert tab.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
    assert all(url.startswith(("http://127.0.0.1", "data:", "blob:")) for url in asked)
    tab.close()


def test_it_has_ten_cells_of_code_and_make_lab_opens_it() -> None:
    cells = nbformat.read(START, as_version=4).cells
    assert sum(cell.cell_type == "code" for cell in cells) == 10
    lab = (ROOT / "Makefile").read_text("utf-8").partition("\nlab:")[2].partition("\n\n")[0]
    assert "jupyter lab notebooks/00_start_here.ipynb" in lab
