# Everything runs from .venv, made by `make env` with nothing but Python 3.11 and make. Paths are relative, and tools
# are started as modules, so that the checkout may lie in a folder with spaces and may be moved.

SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
# Newer than everything it is made from, and holding the folder it was made in.
STAMP := $(VENV)/.installed
# Test processes: one more than the two cores of small machines, since tests of killed builds and children wait a lot.
WORKERS ?= 3
# More options for pytest: make test ARGS='-k spec -x'
ARGS ?=

# An editable installation knows its folder by an absolute path: a moved checkout is installed again, in seconds.
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(CURDIR))
.PHONY: $(STAMP)
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help env episodes test campaign check lint format types floors bench clean

help: ## Show these targets
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile | expand -t 12

env: $(STAMP) ## Make the environment in .venv; costs nothing where it is up to date

episodes: env ## Build the shipped series into dist/
	$(RUN) -m episodec build episodes/

# Each process would compile all modules anew if their bytecode was not kept; pytest's rewriting of the tests alone takes
# longer than collecting them.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(RUN) -m pytest -n $(WORKERS) --dist loadgroup

test: env ## Run the tests
	$(PYTEST) $(ARGS)

campaign: env ## Run the tests with what takes long, and properties on examples that nobody has seen
	$(PYTEST) -m '' --hypothesis-profile campaign $(ARGS)

check: env ## Lint, format, types and floors, side by side; make -k check for all of their findings
	@$(MAKE) --no-print-directory --jobs $(if $(filter output-sync,$(.FEATURES)),--output-sync) lint format types floors

lint: env
	$(RUN) -m ruff check

format: env
	$(RUN) -m ruff format --check

types: env
	$(RUN) -m mypy episodec tests $(wildcard bench/*.py)

floors: env
	$(RUN) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-logo

bench: env ## Run every benchmark, each printing its table
	@set -e; for file in bench/[!_]*.py; do \
		[ -e "$$file" ] || { echo "There are no benchmarks."; exit 0; }; \
		echo "== $$file"; $(RUN) "$$file"; \
	done

clean: ## Remove the environment and what tools leave behind; cache/ and dist/ stay
	rm -rf $(VENV) build .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The build backend is installed first, so that its version too is held by constraints.txt.
$(STAMP): pyproject.toml constraints.txt $(RUN)
	$(RUN) -m pip install -c constraints.txt hatchling
	$(RUN) -m pip install -c constraints.txt --no-build-isolation -e '.[dev,draft-voice]'
	@pwd -P > $@

# Half an environment would look finished to the next run: it is removed.
$(RUN):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "episodec needs Python 3.11 or later; name one with: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }
