# Two commands for a newcomer: `make demo` and `make test`. Everything else: `make help`.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check install --quiet --require-hashes
UV := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
ARGS ?=
.DEFAULT_GOAL := help

.PHONY: help install demo serve test test-slow test-postgres conformance check check-fast bench docs lock clean

help:  ## say what each command does
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# `--without-pip` and `pip --python` work also where ensurepip is missing and `pip install` is blocked (PEP 668).
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Luotain needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	@$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.packages: requirements/base.txt | $(BIN)/python
	@echo "Installing the packages (about a minute) …"
	@$(PIP) -r requirements/base.txt
	@touch $@

$(VENV)/.luotain: pyproject.toml $(VENV)/.packages
	@$(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.vendor: package.json package-lock.json tools/vendor.py $(VENV)/.packages
	@$(BIN)/python tools/vendor.py
	@touch $@

$(VENV)/.words: $(wildcard src/luotain/server/locale/*/LC_MESSAGES/django.po) tools/messages.py $(VENV)/.packages
	@$(BIN)/python tools/messages.py compile
	@touch $@

$(VENV)/.tests: requirements/test.txt $(VENV)/.luotain $(VENV)/.vendor
	@echo "Installing what the tests need …"
	@$(PIP) -r requirements/test.txt
	@$(BIN)/python tools/vendor.py --with-axe
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.tests
	@echo "Installing what the benchmarks are held against …"
	@$(PIP) -r requirements/bench.txt
	@touch $@

$(VENV)/.slow: requirements/slow.txt $(VENV)/.tests
	@echo "Installing the other engines (Spark is built from its source: a minute or two) …"
	@$(PIP) -r requirements/slow.txt
	@touch $@

install: $(VENV)/.luotain $(VENV)/.vendor $(VENV)/.words  ## make .venv/bin/luotain work

demo: install  ## install, load the demo company, serve it and print the address and the logins
	@exec $(BIN)/luotain demo $(ARGS)

serve: install  ## serve this installation's own data (LUOTAIN_HOME, by default ./var)
	@exec $(BIN)/luotain serve $(ARGS)

test: install $(VENV)/.tests  ## run every test that needs no network (a few minutes)
	@$(BIN)/python tools/test.py $(ARGS)

test-slow: install $(VENV)/.slow  ## run the slow suites: big matrices, kill storms, other engines
	@$(BIN)/python -m pytest -m slow $(ARGS)

conformance: install $(VENV)/.slow  ## write the table of measures × engines (some minutes; needs Java and PostgreSQL)
	@$(BIN)/python tools/conformance.py

test-postgres: install $(VENV)/.tests  ## run the server's tests on a PostgreSQL of their own
	@$(BIN)/python tools/postgres.py $(BIN)/python -m pytest tests/server -n auto $(ARGS)

# The checks read the settings, but none of your installation's.
check-fast check: export LUOTAIN_HOME = $(CURDIR)/.mypy_cache/home

check-fast: install $(VENV)/.tests  ## format, lint, types, import rules: under a minute
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/mypy
	@$(BIN)/django-admin makemigrations --check --dry-run --settings luotain.server.settings

check: check-fast  ## all checks: the fast ones, translations, documentation, security
	@$(BIN)/python tools/messages.py check
	@$(BIN)/python tools/docs.py --check
	@$(BIN)/bandit -q -r src -c pyproject.toml

bench: install $(VENV)/.bench  ## run the benchmarks and write docs/reference/performance.md (ARGS=--quick: in small)
	@$(BIN)/python -m benchmarks --write $(ARGS)

docs: install $(VENV)/.tests  ## write the generated pages of docs/reference
	@$(BIN)/python tools/docs.py

lock: $(VENV)/.tests  ## pin every package with its hashes
	@$(UV) --group install -o requirements/base.txt
	@$(UV) --group install --group dev --extra postgres -o requirements/test.txt
	@$(UV) --group install --extra spark --extra clickhouse -c requirements/test.txt -o requirements/slow.txt
	@$(UV) --group install --group dev --group bench --extra postgres -c requirements/test.txt -o requirements/bench.txt

clean:  ## remove what was built (your data in var/ stays)
	@rm -rf $(VENV) node_modules src/luotain/server/static/vendor .mypy_cache .ruff_cache .import_linter_cache
