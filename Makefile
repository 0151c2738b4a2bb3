# Needs python3 (>= 3.11) with venv and pip, make and git. Everything else is set up here, in .venv.
PYTHON ?= python3
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS := never

.PHONY: demo test check format fuzz bench docs lock clean help

help:            ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## */\t/' | expand -t 12

demo: .venv/core ## the main job on real input, in seconds
	@$(BIN)/python -m pricegrad.demo

test: .venv/dev  ## every test, under five minutes on two cores
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "not fuzz"

check: .venv/dev ## formatter, linter, type checker, import order of the floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo

format: .venv/dev ## let the formatter and the linter mend what they can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

fuzz: .venv/dev  ## thousands of random programs and economies
	HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest -n auto --dist loadgroup -m fuzz

docs: .venv/docs ## the documentation as a site in site/
	$(BIN)/zensical build --clean --strict
	@echo "open site/index.html"

bench: .venv-bench/ready ## time gradients beside other differentiators, write docs/benchmarks-*.md
	@.venv-bench/bin/python -m bench.run

lock: .venv/dev  ## compile the exact versions and hashes anew
	$(BIN)/python tools/lock.py

clean:           ## forget the set-up
	rm -rf .venv .venv-bench

.venv/core: requirements/core.txt pyproject.toml tools/setup_env.py
	@$(PYTHON) tools/setup_env.py core

.venv/dev: requirements/dev.txt pyproject.toml tools/setup_env.py
	@$(PYTHON) tools/setup_env.py dev

.venv/docs: requirements/docs.txt pyproject.toml tools/setup_env.py
	@$(PYTHON) tools/setup_env.py docs

.venv-bench/ready: bench/setup_env.py pyproject.toml
	@$(PYTHON) bench/setup_env.py
