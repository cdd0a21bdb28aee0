# A fresh machine needs Python 3.11 or later, make and git; everything else is installed into .venv from the locks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help setup demo test lint bench lock clean

help: ## This list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

$(VENV)/runtime: requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Dateline needs Python 3.11 or later; set PYTHON=")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	touch $@

$(VENV)/development: requirements-dev.lock $(VENV)/runtime
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@

setup: $(VENV)/runtime ## Make .venv and install Dateline's packages

demo: setup ## Crawl the sample newsroom and open its archive on http://127.0.0.1:8001
	./dateline demo

test: $(VENV)/development ## Set up, lint, and run everything that CI runs
	$(MAKE) lint
	$(BIN)/python -m pytest
	./dateline demo --check

lint: $(VENV)/development ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/development ## Measure (docs/benchmarks.md explains the numbers)
	$(BIN)/python benchmarks/warc.py
	$(BIN)/python benchmarks/crawl.py

lock: ## Pin anew what pyproject.toml asks for (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements-dev.lock

clean: ## Remove what the targets above made, but no archive and no captures
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis
