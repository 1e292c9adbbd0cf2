# The commands of this repository. `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FLOORS := .venv/floors
# What keeps time limits has the machine for itself.
TIMED := tests/faults tests/core/test_deadline.py tests/aio/test_session.py
SIDE_BY_SIDE := --numprocesses=auto --dist=loadfile -m "not soak and not timed"

.PHONY: help demo test check lint types floors soak browser extras fuzz fuzz-check codegen codegen-check bench bench-codegen docs dist clean

help:           ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(VENV)/package    ## run the guided tour against the embedded sandbox
	$(BIN)/specwire demo

# The programs that tests start are compiled once, whatever Python is told to keep.
test: export PYTHONDONTWRITEBYTECODE :=
test: export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/pycache
test: $(VENV)/test       ## install the test extra and run all tests, a process for each core
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)
	$(BIN)/python -m pytest -m "timed and not soak" $(TIMED)

check: lint types codegen-check floors extras fuzz-check soak docs dist    ## lint, types, generated code, oldest libraries, extras, fuzzing, long runs, docs, archives
	$(BIN)/python -m pytest tests/house/test_wheel.py

lint: $(VENV)/dev        ## ruff: rules and layout
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev       ## mypy --strict over sdk/ and codegen/
	$(BIN)/mypy --strict
	MYPYPATH=sdk $(BIN)/mypy --strict --config-file= --follow-imports=silent tests/typing/usage.py tests/typing/aio.py tests/typing/compat.py tests/typing/simstudio.py tests/typing/chat.py tests/typing/chat_aio.py

floors: $(FLOORS)/test   ## run the core's tests with the oldest libraries allowed
	$(FLOORS)/bin/python -m pytest tests/core tests/client tests/chat tests/resilience tests/aio

extras: $(VENV)/test    ## install each extra alone, and run its tests there
	$(BIN)/python -m tests.extras.alone

fuzz: $(VENV)/fuzz      ## fuzz every target for a minute, guided by coverage; keeps .fuzz/
	$(BIN)/python -m tests.fuzz.guided --seconds 60

fuzz-check: $(VENV)/fuzz    ## fuzz every target for some thousand inputs, always the same
	$(BIN)/python -m tests.fuzz.guided --runs 10000

browser: $(VENV)/browser    ## try the sandbox's page in Chromium, where there is one
	$(BIN)/python -m pytest -rs tests/sandbox/test_page_browser.py

soak: $(VENV)/soak       ## long runs: many threads and calls on one client
	$(BIN)/python -m pytest -m soak

codegen: $(VENV)/test    ## write models/, resources/, specs/, providers/ and aio/ anew from openapi/
	PYTHONPATH=codegen $(BIN)/python -m specwire_codegen build --plan openapi/plan.toml

codegen-check: $(VENV)/test    ## fail where generated code differs from openapi/
	PYTHONPATH=codegen $(BIN)/python -m specwire_codegen check --plan openapi/plan.toml

bench: $(VENV)/package   ## measure against peers in one run; prints one table
	$(BIN)/python bench/run.py

bench-codegen: $(VENV)/test    ## measure the generator against peers; keeps bench/RESULTS-codegen.md
	$(BIN)/python bench/codegen.py

docs: $(VENV)/docs       ## build docs/ into build/docs; a warning is an error
	$(BIN)/python -m sphinx -W --keep-going -n -q -b html docs build/docs
	$(BIN)/python -m pytest tests/docs tests/house/test_readme.py

dist: $(VENV)/release    ## build sdist and wheel, check both, try them on each Python that is here
	$(BIN)/python -m tests.release.dist

clean:          ## remove what these commands made
	rm -rf $(VENV) bench/.venv bench/.build build dist docs/reference .pytest_cache .mypy_cache .ruff_cache .hypothesis .fuzz
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/package: pyproject.toml setup.cfg
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "specwire needs Python 3.10 or newer; say make PYTHON=python3.12" >&2; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/test: $(VENV)/package
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@

$(VENV)/soak: $(VENV)/test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test,dask,parquet]'
	@touch $@

$(VENV)/browser: $(VENV)/test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[browser]'
	@touch $@

# atheris has wheels for some machines only, and a build of it needs clang.
$(VENV)/fuzz: $(VENV)/test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary=atheris -e '.[fuzz]' || echo 'no atheris for this machine: guided fuzzing is skipped' >&2
	@touch $@

$(FLOORS)/test: $(VENV)/package tests/floors.txt
	test -x $(FLOORS)/bin/python || $(PYTHON) -m venv $(FLOORS)
	$(FLOORS)/bin/python -m pip install --quiet --disable-pip-version-check -c tests/floors.txt -e '.[test]'
	@touch $@

$(VENV)/docs: $(VENV)/test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[docs]'
	@touch $@

$(VENV)/release: $(VENV)/package
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[release]'
	@touch $@

$(VENV)/dev: $(VENV)/test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@
