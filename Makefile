# One command per wish. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
BENCH_STAMP := $(VENV)/.bench-installed

.PHONY: help
help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: $(STAMP) ## Start everything on this machine, with its own stores and simulated providers
	@exec $(BIN)/baotin up

.PHONY: demo-event
demo-event: $(STAMP) ## Post one event to what `make run` started
	@$(BIN)/baotin demo-event

.PHONY: test
test: $(STAMP) ## Run all tests, with a real PostgreSQL and a real Redis of their own
	@tests/browser/set_up.sh
	@tests/integration/monitoring/set_up.sh $(BIN)
	@$(BIN)/python -m pytest -n 4 --reruns 2 --reruns-delay 1

.PHONY: check
check: $(STAMP) ## Check style, formatting, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: bench
bench: $(BENCH_STAMP) ## Measure speed and cost beside what people would otherwise use, 20 minutes
	@$(BIN)/python -m bench.speed

.PHONY: bench-quick
bench-quick: $(BENCH_STAMP) ## The same with a tenth of the work, 3 minutes
	@$(BIN)/python -m bench.speed quick

.PHONY: bench-growth
bench-growth: $(BENCH_STAMP) ## Measure what queues, ledgers, snapshots, time and workers do, an hour
	@$(BIN)/python -m bench.speed growth

.PHONY: bench-shares
bench-shares: $(BENCH_STAMP) ## Watch two accounts share a pool while one of them fails, 8 minutes
	@$(BIN)/python -m bench.shares

.PHONY: bench-voice
bench-voice: $(BENCH_STAMP) ## Measure how fast running calls are answered, a minute
	@$(BIN)/python -m bench.voice

.PHONY: bench-preview
bench-preview: $(STAMP) ## Measure how long staff wait for a preview while they type, half a minute
	@$(BIN)/python -m bench.preview

.PHONY: bench-console
bench-console: $(BENCH_STAMP) ## Measure the console over ROWS (ten million) notifications; 40 GB of disk
	@$(BIN)/python -m bench.console $(ROWS)

.PHONY: survive
survive: $(BENCH_STAMP) ## Break everything under load and compare the books, half an hour; CASES=… for some
	@$(BIN)/python -m bench.survive $(CASES)

.PHONY: docs
docs: $(STAMP) ## Make the page of settings anew from config/default.toml
	@$(BIN)/baotin docs configuration > docs/configuration.md

.PHONY: pictures
pictures: $(STAMP) ## Make the pictures under docs/pictures/ anew, in a real browser
	@tests/browser/set_up.sh
	@PICTURES=1 $(BIN)/python -m pytest tests/browser

.PHONY: clean
clean: ## Remove the virtualenv and the caches; data stay
	@rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	  .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The first Python of the list that is new enough makes the virtualenv. The system's own comes first:
# distributions build theirs with profile-guided optimisation, and one built without runs everything
# here 1.6 times as long. `make PYTHON=…` chooses another.
PYTHON ?= /usr/bin/python3 python3 python3.13 python3.12 python3.11
FIND_PYTHON = for python in $(PYTHON); do \
	  if $$python -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    command -v $$python; exit 0; fi; done; \
	  echo "baotin needs Python 3.11 or newer with its venv module (on Debian: apt-get install" \
	    "python3-venv); this machine has $$(python3 --version 2>&1)." >&2; \
	  exit 1

$(STAMP): pyproject.toml
	@python=$$($(FIND_PYTHON)); echo "installing into $(VENV), once"; $$python -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --editable '.[embedded,dev]'
	@touch $@

$(BENCH_STAMP): $(STAMP)
	@echo "installing what the measurements compare with, once"
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --editable '.[embedded,dev,bench]'
	@touch $@
