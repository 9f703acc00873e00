# Everything runs from .venv, which needs only Python 3.11 or later and make: `make episodes` installs what episodes need,
# all other targets also what tests and checks need. Paths are relative and tools are started as modules, so the checkout
# may be moved and its path may contain spaces.

SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
# Newer than everything they are made from, and holding the folder they were made in.
EPISODES := $(VENV)/.installed-episodes
STAMP := $(VENV)/.installed
# Test processes: one more than the two cores of small machines, because tests of killed builds and children wait a lot.
WORKERS ?= 3
# More options for pytest: make test ARGS='-k spec -x'
ARGS ?=

# An editable installation stores the absolute path of its folder: a moved checkout is installed again, in seconds.
ifneq ($(shell cat $(EPISODES) 2>/dev/null),$(CURDIR))
.PHONY: $(EPISODES)
endif
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(CURDIR))
.PHONY: $(STAMP)
endif

# Runs the command $(2) and prints one line: what it does, $(1), and how long it took. Its output is shown only if it fails.
define timed
@printf '%s … ' '$(1)'; start=$$(date +%s); \
	if output=$$({ $(2); } 2>&1); then echo "$$(( $$(date +%s) - start )) s"; \
	else code=$$?; echo failed; printf '%s\n' "$$output" >&2; exit $$code; fi
endef
# The extras of the two (commas in them would part the arguments of `timed`), and how they are installed.
FOR_EPISODES := draft-voice,train
FOR_ALL := dev,draft-voice,piper,models
PIP := $(RUN) -m pip install --disable-pip-version-check -c constraints.txt

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help env episodes test campaign campaign-faults check lint format types floors names bench clean

help: ## Show these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 18

env: $(STAMP) ## Make the environment in .venv; does nothing if it is up to date

episodes: $(EPISODES) ## Build the shipped series into dist/
	$(RUN) -m episodec build episodes/

# Without kept bytecode each process would compile all modules again; pytest's rewriting of the tests alone takes longer
# than collecting them.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(RUN) -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder

test: env ## Run the tests
	$(PYTEST) $(ARGS)

campaign: env ## Run all tests, including slow ones, and properties on new random examples
	$(PYTEST) -m '' --hypothesis-profile campaign $(ARGS)

campaign-faults: env ## Plant known faults in copies of the tree, one at a time; a test must catch each
	$(RUN) -m tests.campaign.faults $(ARGS)

check: env ## Lint, format, types, floors and names in parallel; make -k check shows all findings
	@$(MAKE) --no-print-directory --jobs $(if $(filter output-sync,$(.FEATURES)),--output-sync) lint format types floors names

lint: env
	$(RUN) -m ruff check

format: env
	$(RUN) -m ruff format --check

types: env
	$(RUN) -m mypy episodec tests $(wildcard bench/*.py)

floors: env
	$(RUN) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-logo

names: env
	$(RUN) -m tools.names_lint

bench: env ## Run every benchmark, each printing its table
	@set -e; for file in bench/[!_]*.py; do \
		[ -e "$$file" ] || { echo "There are no benchmarks."; exit 0; }; \
		echo "== $$file"; $(RUN) "$$file"; \
	done

clean: ## Remove the environment and files left by tools; keeps cache/ and dist/
	rm -rf $(VENV) build .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The build backends are installed first, so that their versions too are held by constraints.txt: ours, and setuptools,
# which builds docopt, a need of num2words that comes as sources only.
$(EPISODES): pyproject.toml constraints.txt $(RUN)
	$(call timed,installing what builds the package (hatchling),$(PIP) hatchling setuptools)
	$(call timed,installing what episodes need (the draft voice; torch to train scenes),$(PIP) --no-build-isolation -e '.[$(FOR_EPISODES)]')
	@pwd -P > $@

$(STAMP): $(EPISODES)
	$(call timed,installing what tests and checks need (diffusers; Piper; pytest; mypy; ruff),$(PIP) --no-build-isolation -e '.[$(FOR_ALL)]')
	@pwd -P > $@

# A half-made environment would look finished to the next run, so it is removed.
$(RUN):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "episodec needs Python 3.11 or later; name one with: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	$(call timed,making $(VENV) with $(shell $(PYTHON) --version 2>&1),$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; })
