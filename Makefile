# What one types here. Everything works on a machine with Python 3.11 or newer and nothing else.

VENV := .venv
PY := $(VENV)/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test torture soak check bench screenshots requirements format env env-dev chromium

help: ## list what one can type
	@grep -E '^[a-z-]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:[^#]*## /\t/' | expand -t 16

run: $(VENV)/.installed ## the demo clinic on http://localhost:8000 (PORT), until Ctrl-C
	@exec $(PY) tools/run_demo.py

test: env-dev chromium ## the whole suite on SQLite, PostgreSQL and in the browser
	@$(PY) -m pytest -n 2 --dist worksteal -m "not torture" $(ARGS)

torture: env-dev ## stress and kill tests with real processes, at most 30 minutes
	@$(PY) -m pytest -m torture $(ARGS)

soak: env-dev ## the same load for long, and processes that must not grow: SOAK_MINUTES (30)
	@SOAK_MINUTES=$${SOAK_MINUTES:-30} $(PY) -m pytest -m torture tests/torture/test_soak.py $(ARGS)

check: env-dev ## lint, format, types, import rules, templates, conventions, built assets
	@$(PY) tools/check.py

bench: env-dev ## benchmarks; one JSON object as the last line, also in bench/results/
	@$(PY) -m bench $(ARGS)

screenshots: env-dev chromium ## every page at 390 and 1280 px, in screenshots/
	@$(PY) tools/screenshots.py $(ARGS)

format: env-dev ## format the code
	@$(PY) -m ruff check --fix . && $(PY) -m ruff format .

# Hashes for every platform, no address of any index: the files are the same wherever they are made.
PINNED := --generate-hashes --universal --python-version 3.11 --no-emit-index-url --quiet \
	--custom-compile-command "make requirements"

requirements: env-dev ## pin what requirements*.in ask for (UPGRADE=--upgrade to move on)
	@$(VENV)/bin/uv pip compile $(PINNED) $(UPGRADE) requirements.in -o requirements.txt
	@$(VENV)/bin/uv pip compile $(PINNED) $(UPGRADE) requirements-dev.in -o requirements-dev.txt
	@! grep -nE -- '--(extra-)?index-url|--find-links|://' requirements.txt requirements-dev.txt

common-passwords: env-dev ## the filter of common passwords from LISTS="a.txt b.txt" (see tools/build_common_passwords.py)
	@$(PY) tools/build_common_passwords.py $(LISTS)

env: $(VENV)/.installed ## the environment that runs the product

env-dev: $(VENV)/.installed-dev ## the environment that also tests it

chromium: env-dev
	@$(PY) tools/chromium.py

$(VENV)/bin/python:
	@sh tools/make_venv.sh $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing what the clinic needs ..."
	@$(PY) -m pip install --quiet --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	@echo "Installing what the tests need ..."
	@$(PY) -m pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.installed
