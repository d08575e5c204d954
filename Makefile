# `make help` lists the targets. A fresh machine needs Python 3.11 or newer and make, nothing else.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
COMPILE = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --upgrade pyproject.toml

help: ## print the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

run: install ## install what is missing and serve the whole system on embedded servers
	@exec $(BIN)/tasktrail up

test: install-dev ## install what is missing and run every test
	@$(BIN)/python -m pytest

lint: install-dev ## style, types, import contracts
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

bench: install-dev ## print every performance figure beside its ceiling
	@$(BIN)/python -m tests.benchmarks

lock: install-dev ## write both lock files anew from pyproject.toml
	@$(COMPILE) --extra embedded --extra build -o requirements.lock
	@$(COMPILE) --extra embedded --extra build --extra dev -c requirements.lock -o requirements-dev.lock

clean: ## remove the virtual environment and caches (never data)
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info

install: requirements.lock
	@PYTHON="$(PYTHON)" sh infra/install.sh $(VENV) requirements.lock

install-dev: requirements-dev.lock
	@PYTHON="$(PYTHON)" sh infra/install.sh $(VENV) requirements-dev.lock

.PHONY: help run test lint bench lock clean install install-dev
