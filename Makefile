# The commands of a contributor. `make` without a target lists them.

PYTHON ?= python3
VENV   := .venv

BIN          := $(VENV)/bin
BENCH_VENV   := .venv-bench
LOCK_VENV    := .venv-lock
PIP_INSTALL  := -m pip install --quiet --disable-pip-version-check
# A release carries the date of its last commit, so that two builds of one commit give the same bytes. The fallback is
# for a tree without history.
SOURCE_DATE_EPOCH ?= $(or $(shell git log -1 --format=%ct 2>/dev/null),1700000000)

# The names of the stamps contain the interpreter's version, so another PYTHON makes a new environment.
PYTHON_VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
BASE_STAMP     := $(VENV)/.base-$(PYTHON_VERSION)
DEV_STAMP      := $(VENV)/.dev-$(PYTHON_VERSION)
TESTS_STAMP    := $(VENV)/.tests-$(PYTHON_VERSION)
BENCH_STAMP    := $(BENCH_VENV)/.bench-$(PYTHON_VERSION)
LOCK_STAMP     := $(LOCK_VENV)/.lock-$(PYTHON_VERSION)

.DEFAULT_GOAL := help
.PHONY: help venv demo test quick lint format bench soak grammar docs golden vscode dist lock clean python ready node

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "  PYTHON=python3.12 picks another interpreter (3.11 or newer)."

# ── Environments ─────────────────────────────────────────────────────────────────────────────────────

python:
	@$(PYTHON) -c '' >/dev/null 2>&1 || { \
	  echo "make: $(PYTHON) does not run here. Install Python 3.11 or newer, or name one: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: $(PYTHON) is Python $(PYTHON_VERSION), and ncco-lang needs 3.11 or newer: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "make: $(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

# Make the environment again if it has another Python version or its interpreter is missing; else keep it.
define make_venv
@if ! $(1)/bin/python -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "$(PYTHON_VERSION)")' 2>/dev/null; then \
  echo "making $(1) with $(PYTHON) ($(PYTHON_VERSION))"; $(PYTHON) -m venv --clear $(1); fi
endef

# For `make demo`: the runtime and the package itself.
$(BASE_STAMP): requirements/build.txt pyproject.toml | python
	$(call make_venv,$(VENV))
	@echo "installing ncco-lang into $(VENV)"
	@$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements/build.txt
	@$(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# In addition, for the quick tests.
$(TESTS_STAMP): requirements/tests.txt $(BASE_STAMP)
	@echo "installing what the tests need into $(VENV)"
	@$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements/tests.txt
	@touch $@

# In addition, for all other targets.
$(DEV_STAMP): requirements/dev.txt requirements/strict.txt $(BASE_STAMP)
	@echo "installing the tools of development into $(VENV)"
	@$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@$(BIN)/python $(PIP_INSTALL) --require-hashes --upgrade --target $(VENV)/strict -r requirements/strict.txt
	@touch $@

# Write bytecode even if PYTHONDONTWRITEBYTECODE is set: start-up time is a feature.
ready: $(BASE_STAMP)
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q ncco_lang

venv: $(DEV_STAMP) ready ## make or update .venv with everything a contributor needs

# ── Everyday ─────────────────────────────────────────────────────────────────────────────────────────

demo: ready ## run a short demo: check, compile, deploy and call an emulated telephone
	@PATH="$(abspath $(BIN)):$$PATH" sh samples/demo.sh
	@echo; echo "For the command ncco in this shell: . $(BIN)/activate"

# The VS Code extension, its colours and Vonage's Node SDK are tested in node; without node these tests are skipped.
NODE_FOLDERS := editors/vscode tests/node

node:
	@if command -v npm >/dev/null; then for folder in $(NODE_FOLDERS); do \
	  if ! [ $$folder/node_modules/.package-lock.json -nt $$folder/package-lock.json ]; then \
	    echo "installing the packages of $$folder"; (cd $$folder && npm ci --silent --no-audit --no-fund) || exit 1; fi; done; fi

# Many tests wait for a process or a server, so three workers keep two cores busy.
WORKERS = $(or $(shell $(PYTHON) -c 'import os; print(3 * os.cpu_count() // 2)' 2>/dev/null),auto)

test: venv node ## run all tests, on all cores; ARGS="-k name" selects some
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

# The tests that start no process, do not search and need no other tool.
QUICK := -m "not soak and not search" --ignore=tests/shells --ignore=tests/contracts --ignore=tests/laws/test_api_answers.py \
  $(patsubst %,--ignore=tests/test_%.py,benchmarks ci_files docs packaging textmate)

quick: $(TESTS_STAMP) ready ## run half of the tests; VENV=.venv-3.12 PYTHON=python3.12 uses another Python
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n auto --dist loadfile $(QUICK) $(ARGS)

lint: venv ## check style, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: venv ## fix style and format where a tool can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

grammar: venv ## write the prepared parser and the editors' colours from grammar/flow.lark
	@$(BIN)/python grammar/make_parser.py
	@$(BIN)/python editors/textmate/make_grammar.py

docs: ready ## write the pages that are generated from the code
	@$(BIN)/python docs/make_rules.py
	@$(BIN)/python docs/make_reference.py

golden: venv ## rewrite the expected output of the tests; read the diff afterwards
	@$(BIN)/python -m pytest --golden

soak: venv ## run the long searches for inputs that break a law
	@$(BIN)/python -m pytest -m "soak or search" -n auto -o faulthandler_timeout=0

bench: $(BENCH_STAMP) ## measure speed and compare with other tools, in an environment of its own; ARGS=--quick is short
	@$(BENCH_VENV)/bin/python -m benchmarks.run $(ARGS)

$(BENCH_STAMP): requirements/bench.txt pyproject.toml | python
	$(call make_venv,$(BENCH_VENV))
	@$(BENCH_VENV)/bin/python $(PIP_INSTALL) --require-hashes -r requirements/bench.txt
	@$(BENCH_VENV)/bin/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# ── Releases ─────────────────────────────────────────────────────────────────────────────────────────

vscode: venv node ## build the extension for VS Code
	@$(BIN)/python editors/textmate/make_grammar.py
	@cd editors/vscode && node build.js

dist: venv ## build the wheel and the source archive, reproducibly
	@rm -rf dist
	@SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) $(BIN)/python -m build --no-isolation --outdir dist .
	@cd dist && sha256sum * 2>/dev/null || shasum -a 256 *

lock: $(LOCK_STAMP) ## update requirements/*.txt; UPGRADE=1 takes newer versions
	@requirements/lock.sh "$(abspath $(LOCK_VENV))/bin/uv" $(if $(UPGRADE),--upgrade)

$(LOCK_STAMP): requirements/lock.txt | python
	$(call make_venv,$(LOCK_VENV))
	@$(LOCK_VENV)/bin/python $(PIP_INSTALL) --require-hashes -r requirements/lock.txt
	@touch $@

clean: ## remove everything that the targets above made
	rm -rf $(addsuffix /node_modules,$(NODE_FOLDERS) benchmarks/pyright) editors/vscode/dist editors/vscode/syntaxes
	rm -rf $(VENV) .venv-3.* $(BENCH_VENV) $(LOCK_VENV) build dist .hypothesis .ncco_cache samples/.ncco_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
