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
from playwright.sync_api import Browser, Locator, Page, expect

from conftest import County

ROOT = Path(__file__).resolve().parents[1]
START = ROOT / "notebooks" / "00_start_here.ipynb"
_PATIENCE_S = 90
_TIMES_ASKED = 3


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


def _prompt(cell: Locator) -> Locator:
    return cell.locator(".jp-InputPrompt").first


def _run_all_cells(tab: Page) -> None:
    """Ask in the menu, as a reader does: again where nothing began to run.

    Asked while its kernel is still being connected, JupyterLab runs nothing and says nothing.
    """
    first = tab.locator(".jp-Notebook .jp-CodeCell").first
    for _ in range(_TIMES_ASKED):
        tab.get_by_role("menuitem", name="Run", exact=True).click()
        tab.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        try:
            expect(_prompt(first)).to_have_text(re.compile(r"\[(\*|\d+)\]"), timeout=_PATIENCE_S / _TIMES_ASKED * 1000)
        except AssertionError:
            continue
        return
    raise AssertionError("JupyterLab did not begin to run the page")


def test_the_start_page_opens_in_jupyterlab_and_runs_to_its_end(lab: str, browser: Browser) -> None:
    tab = browser.new_page(viewport={"width": 1400, "height": 1000})
    tab.set_default_timeout(_PATIENCE_S * 1000)
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(lab)
    tab.locator(".jp-Notebook").wait_for()
    expect(tab.locator(".jp-Notebook h1").first).to_have_text(re.compile("从这里开始"), timeout=_PATIENCE_S * 1000)
    tab.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').first.wait_for(state="attached")
    _run_all_cells(tab)
    last = tab.locator(".jp-Notebook .jp-CodeCell").last
    try:
        expect(_prompt(last)).to_have_text(re.compile(r"\[10\]"), timeout=_PATIENCE_S * 1000)
    except AssertionError as error:
        raise AssertionError(tab.locator(".jp-Notebook").inner_text()) from error
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
