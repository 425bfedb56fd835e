# Everything here needs Python 3.11 or newer and nothing else: the first target makes its own .venv beside this file.
# On Windows make.ps1 has the same targets; without either, CONTRIBUTING.md has the commands for pip.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help venv demo demo-web test lint docs pictures bench bench-peers proofs mutants peers clean

BIN := .venv/bin
PIP := -m pip install --quiet --disable-pip-version-check
PYTHONS := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python
PEER_VERSIONS := 3.0.0 2.0.1
PEERS := $(PEER_VERSIONS:%=.peers/openorchestrator-%)

# The tests start hundreds of programs: where a shell forbids it, each would compile the engine anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## list what can be made (this text)
	@echo "make TARGET, where TARGET is"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' Makefile

venv: .venv/ready-for-tests ## make .venv with all that tests and benchmarks need

demo: .venv/ready ## show the invoice dispatch at work; CRASH=1 kills a worker midway
	@$(BIN)/process-manager demo $(if $(CRASH),--crash) $(ARGS)

demo-web: .venv/ready-for-web ## show the pages on three weeks of an invented office, in a browser
	@$(BIN)/process-manager demo --web $(ARGS)

test: lint ## check style and types, run the tests; ARGS="-k fence" for some
	@echo "Running the tests …"
	@$(BIN)/python -m pytest -n 4 --dist worksteal $(ARGS)

lint: .venv/ready-for-tests ## check style and types only
	@echo "Checking the style (ruff) and the types (mypy) …"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Some files are not formatted: run $(BIN)/ruff format ." >&2; exit 1; }
	@$(BIN)/mypy --no-error-summary

docs: .venv/ready-for-tests ## build the documentation into build/site
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet $(ARGS)
	@echo "Open build/site/index.html."

pictures: .venv/ready-for-tests ## make the pictures of README and docs from the demo (in Chromium)
	@$(BIN)/python -m docs.generate.pictures

bench: .venv/ready-for-tests ## measure the speed; writes benchmarks/latest.json
	@$(BIN)/python -m benchmarks $(ARGS)

bench-peers: .venv/ready-for-tests .peers/dbos/ready .peers/procrastinate/ready ## measure it beside DBOS and Procrastinate, and draw the charts
	@$(BIN)/python -m benchmarks.peers $(ARGS)

proofs: .venv/ready-for-tests ## prove that nothing is lost or doubled; DATABASE=URL: on yours
	@$(BIN)/python -m proofs $(ARGS)

mutants: .venv/ready-for-tests ## make 40 faults in the engine, and count which the tests find
	@$(BIN)/python -m benchmarks.mutants $(ARGS)

peers: $(PEERS:%=%/ready) ## install the OpenOrchestrator versions that tests run against

clean: ## remove .venv, .peers, build results and caches; databases stay
	rm -rf .venv .peers build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/ready: pyproject.toml .venv/made
	@echo "Installing process-manager and what it stands on into .venv …"
	@$(BIN)/python $(PIP) --editable .
	@touch $@

.venv/ready-for-tests: pyproject.toml .venv/made
	@echo "Installing process-manager and what its tests need into .venv; the first time this takes a minute …"
	@$(BIN)/python $(PIP) --editable '.[dev,sqlserver]'
	@touch .venv/ready .venv/ready-for-web $@

.venv/ready-for-web: pyproject.toml .venv/made
	@echo "Installing process-manager with its pages into .venv …"
	@$(BIN)/python $(PIP) --editable '.[web]'
	@touch .venv/ready $@

.peers/openorchestrator-%/ready: .venv/made
	@echo "Installing OpenOrchestrator $* into .peers/openorchestrator-$* …"
	@$(BIN)/python -m venv --clear .peers/openorchestrator-$*
	@.peers/openorchestrator-$*/bin/python $(PIP) --no-deps OpenOrchestrator==$*
	@.peers/openorchestrator-$*/bin/python $(PIP) 'SQLAlchemy==2.0.*' cronsim==2.6 'cryptography==45.0.*'
	@touch $@

.peers/dbos/ready: .venv/made
	@echo "Installing DBOS into .peers/dbos …"
	@$(BIN)/python -m venv --clear .peers/dbos
	@.peers/dbos/bin/python $(PIP) dbos==3.4.0 'psycopg[binary]>=3.3'
	@touch $@

.peers/procrastinate/ready: .venv/made
	@echo "Installing Procrastinate into .peers/procrastinate …"
	@$(BIN)/python -m venv --clear .peers/procrastinate
	@.peers/procrastinate/bin/python $(PIP) procrastinate==3.10.0 'psycopg[binary]>=3.3'
	@touch $@

# A python may be too old, or a stub that only names the versions it could be: ask each one.
.venv/made:
	@for python in $(PYTHONS); do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && break; python=; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11 or newer is needed and none was found; install it, or name it: make PYTHON=/path/to/python3.11" >&2; \
	  exit 1; \
	fi; \
	if ! $$python -c 'import venv, ensurepip' >/dev/null 2>&1; then \
	  echo "$$python cannot make an environment: install its venv module (on Debian and Ubuntu: apt install python3-venv)" >&2; \
	  exit 1; \
	fi; \
	echo "Making .venv with $$($$python --version) …"; \
	$$python -m venv .venv
	@touch $@
