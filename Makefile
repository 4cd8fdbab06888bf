# Needs Python 3.11+, git and make. The first call makes the environment (.venv), the later ones find it.
# On Windows see README: the same commands with `py`.

PYTHON ?= python3
READY  := .venv/.ready
RUN    := .venv/bin/python -m baoxue
DROP   := data/demo/drop
STORE  := data/demo/store
KEY    := data/demo/key
BASE   := $(wildcard lib/baoxue/*.py)
SIMULATION := $(wildcard lib/baoxue/demo/*.py lib/baoxue/demo/*.yaml)
READING    := $(wildcard lib/baoxue/intake/*.py)

.DELETE_ON_ERROR:
.PHONY: help report test style suite lab notebooks expected restore lock clean

help:
	@echo "make report      the demo county's reports and lists: outputs/demo/2024-11-30/index.html"
	@echo "make test        every test, every notebook, the demo end to end"
	@echo "make lab         JupyterLab on the demo county"
	@echo "make notebooks   execute the notebooks again and keep their outputs"
	@echo "make expected    keep the tiny county's numbers anew, against which the back test compares"
	@echo "make restore     the restore drill: the environment from the lock in an empty folder, the same numbers"
	@echo "make lock        choose the versions of all packages anew: requirements.lock"
	@echo "make clean       remove the demo county and its reports"

report: data/demo/.store
	@echo "== Reports of the demo county"
	@$(RUN) run params/demo.yaml

test: $(READY)
	@$(MAKE) --no-print-directory -j2 style suite

suite: data/demo/.store
	@echo "== Tests, notebooks, the demo end to end"
	@.venv/bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --nbval --nbval-kernel-name baoxue \
	    tests notebooks

style: $(READY)
	@echo "== Style and types"
	@.venv/bin/python -m ruff check .
	@.venv/bin/python -m ruff format --check .
	@.venv/bin/python -m mypy

lab: data/demo/.store
	@JUPYTER_DEFAULT_PROVISIONER_NAME=baoxue .venv/bin/python -m jupyter lab notebooks/00_start_here.ipynb

notebooks: data/demo/.store
	@.venv/bin/python -m baoxue.run.refresh notebooks

expected: data/demo/.store
	@.venv/bin/python tests/backtest.py

restore:
	@$(PYTHON) benchmarks/restore.py

lock:
	@$(PYTHON) -m venv --clear .venv/lock
	@.venv/lock/bin/python -m pip install --quiet uv
	@.venv/lock/bin/uv pip compile pyproject.toml --extra test --universal --python-version 3.11 \
	    --generate-hashes --no-header --quiet --upgrade --output-file requirements.lock
	@rm -rf .venv/lock

clean:
	@rm -rf data/demo outputs/demo

$(READY): requirements.lock pyproject.toml .ci/environment.py
	@$(PYTHON) .ci/environment.py

data/demo/.drop: $(BASE) $(SIMULATION) | $(READY)
	@echo "== The demo county's files"
	@rm -rf $(DROP) && mkdir -p data/demo
	@$(RUN) demo --size small --out $(DROP) --key $(KEY)
	@touch $@

data/demo/.store: data/demo/.drop $(READING) | $(READY)
	@echo "== Intake"
	@rm -rf $(STORE)
	@$(RUN) intake $(DROP) --store $(STORE) --key $(KEY) --arrived-on 2025-01-17
	@touch $@
