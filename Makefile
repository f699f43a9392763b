# The manual of this repository: every target says what it does. `make` alone prints this list.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.complete
# What asks the engine for something that versions do differently; the rest is Python, or asks the same again.
OLDEST := tests/sql tests/data_contracts tests/pipelines/test_run.py $(addprefix tests/assets/test_,$(addsuffix .py,as_of \
          core_order delimited engine_traps intake_forms lake_bytes opening replay slices warehouse))
LOCK   := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header

.PHONY: help setup demo run serve check test test-slow test-thorough fuzz test-browser test-oldest bench docs measure lock dagster clean
help:            ## print this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: $(STAMP)  ## the virtual environment, from the hash-locked requirements
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "pumpurs needs Python 3.11 or newer; name one with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup      ## the main job on a small invented country, from deliveries to lists and pages
	$(BIN)/pumpurs demo

run: setup       ## every new delivery in the home folder -> core, risk, listed, published
	$(BIN)/pumpurs run

serve: setup     ## the municipal site of the current release, on this machine
	$(BIN)/pumpurs serve

dagster: setup   ## the Dagster UI with the same graph, http://127.0.0.1:3000
	$(BIN)/pumpurs dagster

check: setup     ## format, lint, types, SQL style, imports, generated pages up to date
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyrefly check
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --nocolor --processes 2 sql
	$(BIN)/python -m pipelines.reference --check

test: setup      ## all fast tests
	$(BIN)/python -m pytest -n 2 --dist loadscope

test-slow: setup ## the slow sweeps, a share of each (also run by .ci/run)
	$(BIN)/python -m pytest -m slow -n 2 --dist loadscope

test-thorough: setup ## the same sweeps with every write boundary and many more cases, some hours
	THOROUGH=1 $(BIN)/python -m pytest -m slow -n 2 --dist loadscope

fuzz: setup      ## the readers against inputs that a coverage-guided fuzzer makes, some minutes each
	for target in delimited note workbook; do $(BIN)/python -m tests.fuzz $$target -max_total_time=300 -timeout=60 -rss_limit_mb=2048 || exit 1; done

test-browser: setup ## pages in a real browser; installs Chromium where apt-get can
	@command -v chromium >/dev/null || (apt-get update -qq && apt-get install -y -qq chromium) >/dev/null 2>&1 || echo "no Chromium: install the package chromium; the browser tests will be skipped"
	$(BIN)/python -m pytest -m browser

test-oldest: setup ## the tests that touch DuckDB, on the oldest version we promise to work with
	@test -d $(VENV)/oldest || $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --target $(VENV)/oldest -r requirements.oldest.lock
	PYTHONPATH=$(VENV)/oldest $(BIN)/python -m pytest -n 2 --dist loadscope $(OLDEST)

bench: setup     ## speed and memory, as ratios in one run on this machine
	$(BIN)/python -m bench

docs: setup      ## write the generated reference pages anew
	$(BIN)/python -m pipelines.reference

measure: setup   ## whom the indicators find in the demo's invented country, some two minutes; then the pages
	$(BIN)/python -m pipelines.reference --measure

lock: setup      ## resolve requirements.in anew (versions and hashes only)
	$(BIN)/uv pip compile $(LOCK) --upgrade requirements.in -o requirements.lock
	echo "duckdb==1.5.5" | $(BIN)/uv pip compile $(LOCK) - -o requirements.oldest.lock

clean:           ## remove the virtual environment and caches, never a home folder
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache
