# Everything one does with Buurtpot. `make help` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
MANAGE := $(BIN)/python src/manage.py
export PYTHONPATH := src

.PHONY: help setup packages packages-test demo stop test lint format texts types books bench faults pictures lock

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

setup: .venv/.synced .env packages ## the virtual environment, local settings, Debian packages for PDF
	@$(BIN)/pybabel -q compile -D django -d src/web/locale 2>&1 | grep -v '^compiling' || true

.venv/.synced: requirements/dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@UV_PYTHON_DOWNLOADS=never $(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt
	@touch $@

.env: | .venv/.synced
	@$(BIN)/python -m config.local > .env.new && chmod 600 .env.new && mv .env.new .env

# Installed when we may, else named.
define need
	@missing=$$(for p in $$(cat $(1)); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; } >/dev/null; \
	else echo "Please install first: sudo apt-get install" $$missing; $(2); fi
endef

packages:
	$(call need,requirements/debian.txt,exit 1)

packages-test:
	$(call need,requirements/debian-test.txt,exit 1)

demo: setup ## a living neighbourhood, with workers, beat and the stand-in Stripe; Ctrl-C ends it all
	@$(BIN)/python -m demo.serve

stop: ## ends the demo and the embedded database
	@test ! -x $(BIN)/python || { $(BIN)/python -m demo.serve --stop; $(BIN)/python -m common.embedded stop; }

test: setup packages-test ## all tests, on the real PostgreSQL, with a real worker and a real browser
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: setup ## ruff and the import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

format: setup ## rewrites the code as ruff has it
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

texts: setup packages-test ## the Dutch catalogue brought up to the sources: new texts come in empty, old ones go
	@cd src && ../$(BIN)/python manage.py makemessages -l nl --no-location --no-obsolete

types: setup ## mypy, strict
	@$(BIN)/mypy

books: setup ## every invariant of the books
	@$(MANAGE) check_books

bench: setup .venv/bench/.synced ## what posting costs beside plain INSERT, TPC-B and django-hordak, in build/bench.json
	@$(BIN)/python -m tests.bench

# An environment of its own: django-hordak is measured against, never imported.
.venv/bench/.synced: requirements/bench.txt | .venv/.synced
	@test -x .venv/bench/bin/python || $(PYTHON) -m venv .venv/bench
	@UV_PYTHON_DOWNLOADS=never $(BIN)/uv pip sync --quiet --python .venv/bench/bin/python --require-hashes requirements/bench.txt
	@touch $@

faults: setup ## kills, tampering, any order of operations, many at once, in build/faults.json; about an hour
	@$(BIN)/python -m tests.faults

pictures: setup packages-test ## every page in every state, phone and desktop, in build/pictures/
	@$(BIN)/python -m pytest tests/pictures --pictures

lock: .venv/.synced ## requirements/*.txt anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements/base.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-annotate --no-header pyproject.toml --group dev -o requirements/dev.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-annotate --no-header --group bench -o requirements/bench.txt
