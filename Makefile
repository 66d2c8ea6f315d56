# `make serve` and `make test` do all the set-up: they need nothing but Python 3.11 or newer.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: serve test check clients bench lock clean

serve: $(VENV)/.runtime
	@exec $(BIN)/mocktill serve $(ARGS)

# One worker more than there are cores: many tests wait for a server or a browser.
WORKERS = $$($(BIN)/python -c 'import os; print((os.cpu_count() or 1) + 1)')

test: check
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# What others wrote for Node.js, as its lock says: the tests call it, and say that they are skipped where it is not.
CLIENTS := tests/thirdparty/node

clients: $(CLIENTS)/node_modules/.package-lock.json

$(CLIENTS)/node_modules/.package-lock.json: $(CLIENTS)/package-lock.json
	@npm ci --prefix $(CLIENTS) --no-audit --no-fund --ignore-scripts
	@touch $@

bench: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks $(ARGS)

# The image's dependencies, each with the hashes of its files, for every Python and machine that there is a file for;
# what stands in the locks already stays, unless ARGS=--upgrade.
LOCK := uv --quiet --no-config pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header
BACKEND := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")

lock: $(VENV)/bin/uv
	$(BIN)/$(LOCK) --extra tls --extra metrics $(ARGS) --output-file requirements.lock pyproject.toml >/dev/null
	$(BIN)/python -c '$(BACKEND)' | $(BIN)/$(LOCK) $(ARGS) --output-file requirements.build.lock - >/dev/null

$(VENV)/bin/uv: | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Mocktill needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another with PYTHON=…")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: pyproject.toml | $(VENV)/bin/python
	@echo "Installing Mocktill into $(VENV) (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	@echo "Installing Mocktill and its development tools into $(VENV) (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.runtime

clean:
	rm -rf $(VENV) $(CLIENTS)/node_modules build dist *.egg-info src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
