# One line of help stands behind each target; a bare `make` prints them.
.DEFAULT_GOAL := help
.PHONY: help setup setup-test run test test-sqlite test-postgres test-long lives lint fmt bench lock clean
export PORT ?= 8000

python := .venv/bin/python
manage := $(python) manage.py
pytest := $(python) -m pytest -q
code := vetting_portal partners reviews grants
# Three test processes on the two cores that the tests are measured on: browsers and servers let one of them wait.
workers ?= 3
spread := -n $(workers) --dist loadfile --no-loadscope-reorder

help: ## What each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

setup: ## Prepare what the portal needs: .venv, libraries for PDFs, fonts
	@scripts/setup run

setup-test: ## Prepare what the tests need besides: PostgreSQL, Chromium, poppler-utils, qpdf, SoftHSM
	@scripts/setup test

run: setup ## Serve the example on http://localhost:8000 (PORT=… moves it); Ctrl-C ends it
	@$(manage) migrate --verbosity 0
	@$(manage) load_example --if-empty --portfolio
	@exec $(manage) serve

test: lint test-sqlite test-postgres ## Check the code and run the tests: about 25 minutes on two cores

test-sqlite: setup-test ## Run on SQLite all tests but the long ones
	$(pytest) $(spread) -m "not long and not postgres" --every-action

test-postgres: setup-test ## Run on PostgreSQL the tests that tell the two databases apart
	$(pytest) $(spread) -m "(both or postgres) and not long" --postgres

test-long: setup-test ## Run the long tests, and on PostgreSQL every test that opens a database: about 45 minutes on two cores
	$(pytest) $(spread) --postgres --long --not-twice

lives: setup-test ## Let grants live random lives: LIVES=1000 of them, or for HOURS=1; goes on from what was lived before
	$(python) -m tests.lives --lives $(or $(LIVES),0) --hours $(or $(HOURS),0)

lint: setup-test ## Check style, types, import laws and templates
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy
	$(python) -m mypy --python-version 3.11 tools/verify_bundle.py tools/verify_receipt.py
	.venv/bin/lint-imports --no-logo
	find templates -name '*.html' -print0 | xargs -0 .venv/bin/djade --target-version 6.1 --check

fmt: setup-test ## Format Python and templates, and mend what can be mended
	$(python) -m ruff check --fix-only --quiet .
	$(python) -m ruff format .
	find templates -name '*.html' -print0 | xargs -0 .venv/bin/djade --target-version 6.1

bench: setup-test ## Measure against the least that any program on this stack must do
	$(python) -m bench

lock: setup ## Write the hashed requirements from pyproject.toml
	@scripts/lock

clean: ## Forget the tools' caches; the installation in var/ stays
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis htmlcov .coverage
