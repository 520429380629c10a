# `make run` and `make test` need python3 (3.11 or newer) and make, nothing else.

PYTHON ?= python3
VENV_PYTHON := .venv/bin/python
MANAGE := $(VENV_PYTHON) manage.py
# Tests run on as many processes as there are cores, from 2 to 4.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(max(os.cpu_count() or 2, 2), 4))')
TESTS ?=
COMPILE := $(VENV_PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

export HOST PORT

.PHONY: help run test lint format bench openapi lock clean venv venv-dev

help: ## Say what can be made
	@echo "make run    [HOST=127.0.0.1] [PORT=8000] [DATABASE_URL=postgres://...]"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' Makefile

run: venv ## Start the server, with its own PostgreSQL and a demo app unless told otherwise
	@exec $(MANAGE) quickstart --serve

test: venv-dev ## Run all tests (some of them: make test TESTS="tests/core -k paging")
	@exec $(VENV_PYTHON) -m pytest -n $(WORKERS) $(TESTS)

lint: venv-dev ## Check style, types, layers, migrations and the documents that are generated
	@sh tools/lint

format: venv-dev ## Put the code into its style
	$(VENV_PYTHON) -m ruff format .
	$(VENV_PYTHON) -m ruff check --fix .

bench: venv-dev ## Measure requests per second, beside what PostgreSQL alone can do
	@exec $(VENV_PYTHON) -m tests.benchmarks

openapi: venv-dev ## Write docs/openapi.yaml, docs/errors.md and docs/compatibility.md anew
	$(MANAGE) spectacular --validate --fail-on-warn --file docs/openapi.yaml
	$(MANAGE) error_table

lock: venv-dev ## Pin the newest allowed versions of all dependencies
	$(COMPILE) --upgrade pyproject.toml --output-file requirements.lock
	$(COMPILE) --upgrade --extra dev --constraints requirements.lock pyproject.toml \
		--output-file requirements-dev.lock

clean: ## Remove what was built; the data in var/ stays
	rm -rf .venv build .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find apps imserver tests -name __pycache__ -type d -prune -exec rm -rf {} +

venv:
	@$(PYTHON) tools/venv.py run

venv-dev:
	@$(PYTHON) tools/venv.py dev
