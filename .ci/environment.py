"""Make the environment: `.venv` with exactly the packages of requirements.lock, and the project itself in it.

Needs nothing but Python 3.11 or newer. The packages are brought once into the user's cache folder, under the digest of
the lock, and installed from there: a second clone, or one without a network, needs nothing else. Where packages come
from is what pip on this machine is set to. Windows: `py .ci/environment.py`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
READY = VENV / ".ready"
OLDEST = (3, 11)


def main() -> None:
    """Make the environment, or say in one line what is missing."""
    if sys.version_info < OLDEST:
        newer = next((name for minor in range(15, 10, -1) if (name := shutil.which(f"python3.{minor}"))), None)
        if newer is None:
            sys.exit(f"baoxue needs Python 3.11 or newer; this is {sys.version.split()[0]} and no other was found.")
        sys.exit(subprocess.call([newer, *sys.argv]))
    try:
        make()
    except subprocess.CalledProcessError as error:
        step = " ".join(str(part) for part in error.cmd[1:5])
        sys.exit(f"The environment could not be made: `{step} …` ended with code {error.returncode} (see above).")


def make() -> None:
    """Create `.venv`, fill the store of wheels if need be, install from it, and mark the environment ready."""
    READY.unlink(missing_ok=True)
    if not python().exists() or version(python()) != version(Path(sys.executable)):
        print(f"environment: Python {sys.version.split()[0]} in .venv", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
    wheels = store_of_wheels()
    if not (wheels / ".complete").exists():
        fill(wheels)
    print("environment: installing", flush=True)
    quiet = ["--quiet", "--disable-pip-version-check", "--no-index", "--no-deps"]
    pip("install", *quiet, *sorted(wheels.glob("*.whl")))
    pip("install", *quiet, "--no-build-isolation", "-e", ROOT)
    READY.touch()


def fill(wheels: Path) -> None:
    """Bring every package of the lock into the store, its hash checked, built where it comes as source only.

    The store gets its name only when it is whole.
    """
    print("environment: bringing the packages of requirements.lock (once a machine)", flush=True)
    wheels.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="wheels-", dir=wheels.parent) as folder:
        draft = Path(folder) / "wheels"
        pip("wheel", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", LOCK, "-w", draft)
        (draft / ".complete").touch()
        if wheels.exists():
            shutil.rmtree(wheels)
        draft.rename(wheels)


def store_of_wheels() -> Path:
    """The folder of wheels for this lock, this Python and this system, below the user's cache folder."""
    home = Path(os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    key = LOCK.read_bytes() + f"{sys.version_info[:2]} {sysconfig.get_platform()}".encode()
    return home / "baoxue" / hashlib.sha256(key).hexdigest()[:16]


def python() -> Path:
    """The interpreter of the environment."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def version(interpreter: Path) -> str:
    """Version of an interpreter; empty if it does not run."""
    asked = [interpreter, "-c", "import sys; print(*sys.version_info[:3])"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def pip(*arguments: object) -> None:
    """pip of the environment, which must succeed."""
    subprocess.run([python(), "-m", "pip", *map(str, arguments)], check=True)


if __name__ == "__main__":
    main()
