# What people type. Every target sets up what it needs, repeats safely, and writes to this checkout and its
# data folder (SCHOOLGATE_DATA_DIR, else ./var) only.

SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?=
export PYTHON
DATA := $(abspath $(or $(SCHOOLGATE_DATA_DIR),var))
BIN := .venv/bin
TESTS ?=
WORKERS ?= 2

.PHONY: help setup demo clean-demo test faults check format bench docs chromium lock

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## Install what Schoolgate needs and build its pages
	@tools/setup.sh run

demo: setup ## Start a demo authority with 60 bases and open its console on this machine
	@SCHOOLGATE_DATA_DIR=$(DATA) $(BIN)/schoolgate demo

clean-demo: ## Remove what the demo made: its database, files and keys
	@if [ -x $(BIN)/schoolgate ]; then env -u DATABASE_URL SCHOOLGATE_DATA_DIR=$(DATA) $(BIN)/schoolgate clean-demo; \
	    else echo "Nothing is installed here, so there is no demo."; fi

test: ## Run all tests
	@tools/setup.sh tests
	@SCHOOLGATE_TEST_CHROMIUM="$${SCHOOLGATE_TEST_CHROMIUM:-$$(cat $(DATA)/chromium-path 2>/dev/null)}" \
	    $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(TESTS)

faults: ## Kill every process at every point of a run, and see that nothing is lost
	@tools/setup.sh tests
	@$(BIN)/python -m pytest tests/faults

check: ## Style, types, contracts, migrations, generated pages
	@tools/setup.sh tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python tools/migrations_current.py
	$(BIN)/python tools/reference.py --check
	$(BIN)/python -m pytest -q tests/architecture

format: ## Put the code into its form
	@tools/setup.sh tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: ## Measure, and write docs/reference/performance.md
	@tools/setup.sh bench
	$(BIN)/python -m bench

docs: ## Print the reference pages from the code
	@tools/setup.sh tests
	$(BIN)/python tools/reference.py

chromium: ## Find or borrow a Chromium for the browser tests
	@tools/setup.sh run
	@$(BIN)/python tools/chromium.py

lock: ## Write the lock files from pyproject.toml and package.json
	@tools/setup.sh tests
	@tools/lock.sh
