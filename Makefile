# PartFit. `make` alone lists what there is.
#
#   make demo PYTHON=python3.12        another interpreter
#   make demo ARGS="--port 9000"       arguments of the command
#   make test ARGS="-k vin -n 0"       arguments of pytest

PYTHON ?= python3
JOBS ?= 2
ARGS ?=
UV_VERSION := 0.13.9

BIN := .venv/bin
PACKAGES := search_service indexers ranking fitment_rules
CODE := $(PACKAGES) tests benchmarks scripts
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: help demo test check bench opensearch long lock format setup setup-dev clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup:
	@$(PYTHON) scripts/bootstrap.py run

setup-dev:
	@$(PYTHON) scripts/bootstrap.py dev

demo: setup ## sample data, index, training, API and shop page on port 8000
	@$(BIN)/partfit demo $(ARGS)

test: setup-dev ## every test; OpenSearch and browser suites where the machine has them
	@$(PYTEST) $(ARGS)

long: setup-dev ## the long property suites
	@$(PYTEST) -m long $(ARGS)

check: setup-dev ## format, lint, types, layers and every test but the thorough, OpenSearch and browser ones, in about a minute
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(PYTEST) -q -m "not long and not benchmark and not opensearch and not browser and not thorough" $(ARGS)

format: setup-dev ## apply the formatter and the linter's safe fixes
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/ruff check --fix $(CODE)

bench: setup-dev ## the speed and quality figures; ARGS="--list" names them, ARGS="NAME --option ..." runs one
	@$(BIN)/python -m benchmarks $(ARGS)

opensearch: setup-dev ## run a real OpenSearch node here, no Docker; ends with Ctrl-C
	@$(BIN)/python scripts/opensearch_node.py run $(ARGS)

lock: setup-dev ## resolve the lock files again
	@test -x .cache/lock/bin/uv || $(PYTHON) -m venv .cache/lock
	@.cache/lock/bin/python -m pip --disable-pip-version-check install -q "uv==$(UV_VERSION)"
	@PATH="$(CURDIR)/.cache/lock/bin:$$PATH" bash scripts/lock.sh $(ARGS)

clean: ## remove what builds, tests and checks leave (the environment and its data stay)
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis *.egg-info
	@find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
