# Everything a contributor runs. `make` alone lists the targets.

PYTHON ?= python3
VENV   := .venv

BIN          := $(VENV)/bin
BENCH_VENV   := .venv-bench
LOCK_VENV    := .venv-lock
PIP_INSTALL  := -m pip install --quiet --disable-pip-version-check
# A release carries the date of its last commit, so that two builds of one commit are the same bytes. The
# fallback serves a tree without history.
SOURCE_DATE_EPOCH ?= $(or $(shell git log -1 --format=%ct 2>/dev/null),1700000000)

# The stamps' names hold the interpreter's version: another PYTHON makes a fresh environment.
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

# An environment of another Python version, or one whose interpreter has gone, is made afresh; any other is kept.
define make_venv
@if ! $(1)/bin/python -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "$(PYTHON_VERSION)")' 2>/dev/null; then \
  echo "making $(1) with $(PYTHON) ($(PYTHON_VERSION))"; $(PYTHON) -m venv --clear $(1); fi
endef

# What `make demo` needs: the runtime and the package itself.
$(BASE_STAMP): requirements/build.txt pyproject.toml | python
	$(call make_venv,$(VENV))
	@echo "installing ncco-lang into $(VENV)"
	@$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements/build.txt
	@$(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# What the quick tests need on top.
$(TESTS_STAMP): requirements/tests.txt $(BASE_STAMP)
	@echo "installing what the tests need into $(VENV)"
	@$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements/tests.txt
	@touch $@

# What every other target needs on top.
$(DEV_STAMP): requirements/dev.txt requirements/strict.txt $(BASE_STAMP)
	@echo "installing the tools of development into $(VENV)"
	@$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@$(BIN)/python $(PIP_INSTALL) --require-hashes --upgrade --target $(VENV)/strict -r requirements/strict.txt
	@touch $@

# Bytecode is written ahead even where the environment forbids Python to do so in passing: start-up is a feature.
ready: $(BASE_STAMP)
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q ncco_lang

venv: $(DEV_STAMP) ready ## make or refresh .venv with everything a contributor needs

# ── Everyday ─────────────────────────────────────────────────────────────────────────────────────────

demo: ready ## see it at work: check, compile, deploy and ring an emulated telephone
	@PATH="$(abspath $(BIN)):$$PATH" sh samples/demo.sh

# The tests of the extension and of its colours run in node; without node they are skipped, and say so.
node:
	@if command -v npm >/dev/null && ! [ editors/vscode/node_modules/.package-lock.json -nt editors/vscode/package-lock.json ]; then \
	  echo "installing the packages of editors/vscode"; (cd editors/vscode && npm ci --silent --no-audit --no-fund); fi

test: venv node ## run the whole suite, on all cores; ARGS="-k name" picks some
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

# Of the tests, those that start no process, search nothing and need no other tool.
QUICK := -m "not soak and not search" --ignore=tests/shells --ignore=tests/contracts --ignore=tests/laws/test_api_answers.py \
  $(patsubst %,--ignore=tests/test_%.py,benchmarks ci_files docs packaging textmate)

quick: $(TESTS_STAMP) ready ## run half of the tests; VENV=.venv-3.12 PYTHON=python3.12 has another Python
	@$(BIN)/python -m pytest -n auto --dist loadfile $(QUICK) $(ARGS)

lint: venv ## check style, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: venv ## mend style and format where a tool can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

grammar: venv ## turn grammar/flow.lark into the prepared parser and the colours of editors
	@$(BIN)/python grammar/make_parser.py
	@$(BIN)/python editors/textmate/make_grammar.py

docs: ready ## write the pages that are made from the code
	@$(BIN)/python docs/make_rules.py

golden: venv ## rewrite the expected files of the tests; read the diff afterwards
	@$(BIN)/python -m pytest --golden

soak: venv ## run the long searches for inputs that break something
	@$(BIN)/python -m pytest -m "soak or search" -n auto -o faulthandler_timeout=0

bench: $(BENCH_STAMP) ## measure, against other tools too, in an environment of its own; ARGS=--quick is short
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

dist: venv ## build the wheel and the source archive, the same bytes every time
	@rm -rf dist
	@SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) $(BIN)/python -m build --no-isolation --outdir dist .
	@cd dist && sha256sum * 2>/dev/null || shasum -a 256 *

lock: $(LOCK_STAMP) ## write requirements/*.txt anew; UPGRADE=1 takes newer versions
	@requirements/lock.sh "$(abspath $(LOCK_VENV))/bin/uv" $(if $(UPGRADE),--upgrade)

$(LOCK_STAMP): requirements/lock.txt | python
	$(call make_venv,$(LOCK_VENV))
	@$(LOCK_VENV)/bin/python $(PIP_INSTALL) --require-hashes -r requirements/lock.txt
	@touch $@

clean: ## remove everything that the targets above made
	rm -rf editors/vscode/node_modules editors/vscode/dist editors/vscode/syntaxes benchmarks/pyright/node_modules
	rm -rf $(VENV) .venv-3.* $(BENCH_VENV) $(LOCK_VENV) build dist .hypothesis .ncco_cache samples/.ncco_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
