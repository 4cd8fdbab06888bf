"""The restore drill: the project and its lock in an empty folder, the environment from it, and the same numbers.

`make restore` (about five minutes): what git has of the project is copied into an empty folder; `.ci/environment.py`
makes the environment there from `requirements.lock` and nothing else; the tiny simulated county is made, taken in and
run with it; its numbers are compared with those kept in tests/expected (fractions to nine digits, as `baoxue verify`
compares). Ends with 1 and says where they differ.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Do the drill; 0 if every number is the same."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="restore-") as name:
        there = Path(name) / "baoxue"
        _say(f"the project, as committed, in {there.name}")
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, there], check=True)
        _say("the environment from requirements.lock")
        subprocess.run([sys.executable, there / ".ci" / "environment.py"], check=True, cwd=there, env=_environment())
        _say("the tiny county, its intake and its run, compared with the numbers kept")
        python = there / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        backtest = [python, there / "tests" / "backtest.py", "--compare"]
        differing = subprocess.run(backtest, check=False, cwd=there, env=_environment()).returncode
    _say(f"{'NOT RESTORED' if differing else 'restored: every number equal'}, {time.monotonic() - started:.0f} s")
    return 1 if differing else 0


def _environment() -> dict[str, str]:
    """Nothing of this project's own environment reaches the restored one."""
    own = {"PYTHONPATH", "VIRTUAL_ENV", "BAOXUE_HOME", "BAOXUE_KEY"}
    return {name: value for name, value in os.environ.items() if name not in own}


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
