# A fresh machine needs Python 3.11 or later, make and git; everything else is installed into .venv from the locks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help setup scale demo test lint bench lock clean

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

scale: $(VENV)/runtime requirements-scale.lock ## Add what several machines need: Dask, S3
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-scale.lock

demo: setup ## Crawl the sample newsroom and open its archive on http://127.0.0.1:8001
	./dateline demo

test: $(VENV)/development ## Set up, lint, and run everything that CI runs
	$(MAKE) lint
	$(BIN)/python -m pytest -m "not alone" -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
	$(BIN)/python -m pytest -m alone
	./dateline demo --check

lint: $(VENV)/development ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/development ## Measure (docs/benchmarks.md explains the numbers)
	$(BIN)/python benchmarks/warc.py
	$(BIN)/python benchmarks/reread.py
	$(BIN)/python benchmarks/crawl.py
	$(BIN)/python benchmarks/search.py
	$(BIN)/python benchmarks/due.py
	$(BIN)/python benchmarks/statements.py
	$(BIN)/python benchmarks/stories.py
	$(BIN)/python benchmarks/link.py --reports 100000 --years 2
	$(BIN)/python benchmarks/scale.py

PIN := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q
# certifi is the one that Dateline itself pins: one copy of it to trust.
CERTIFI = $(shell sed -n 's/^\(certifi==[0-9.]*\).*/\1/p' requirements.lock)

lock: ## Pin anew what pyproject.toml asks for, and the tests' own environments (needs uv)
	$(PIN) pyproject.toml -o requirements.lock
	$(PIN) pyproject.toml --group scale -o requirements-scale.lock
	$(PIN) pyproject.toml --group dev -o requirements-dev.lock
	{ echo "# pywb, which replays our WARC files in tests/test_pywb.py: it needs older packages than Dateline does."; \
	  echo "# Made by make lock."; \
	  printf 'pywb==2.10.0\n%s\n' $(CERTIFI) | $(PIN) -; } > tests/pywb.lock
	{ echo "# py-wacz, which packs WARC files into a WACZ in tests/test_foreign_warcs.py."; \
	  echo "# Made by make lock."; \
	  printf 'wacz==0.6.0\n%s\n' $(CERTIFI) | $(PIN) -; } > tests/wacz.lock
	{ echo "# The pre-release of the next Datasette, and what we need beside it, for the tests of pages."; \
	  echo "# Made by make lock."; \
	  printf '%s\n' datasette==1.0a41 datasette-xlsx 'sqlite-utils>=4.2' 'snowballstemmer>=3' 'lxml>=6' 'fastwarc>=2' brotli \
	    backports.zstd click $(CERTIFI) \
	  | $(PIN) - --prerelease if-necessary-or-explicit; } > tests/datasette-next.lock

clean: ## Remove what the targets above made, but no archive and no captures
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis
