# Two commands do everything: `make book` and `make test`. Both make the environment they need in .venv.
SHELL := /bin/bash -o pipefail
.DEFAULT_GOAL := book
PYTHON ?= python3
PORT ?= 8000
JOBS ?= 2
BIN := .venv/bin
SITE := _build/html
# pip compiles modules on one processor: COMPILE does it on all JOBS. What it cannot compile, in the syntax of
# a newer Python, is an error when it is imported.
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check --no-compile
COMPILE := $(BIN)/python -W ignore -m compileall -qq -j $(JOBS) -x '/tests?/' .venv/lib || true
# One thread a process: small matrices are slower with more, and a busy machine much slower.
export OMP_NUM_THREADS = 1
export OPENBLAS_NUM_THREADS = 1
export HF_HUB_DISABLE_PROGRESS_BARS = 1
export JOBS

.PHONY: book build serve test lint unit site-tests notebooks-test slow colab lab bench weights herds sync lock clean

book: build ## Build the book, then serve it until interrupted (BUILD_ONLY=1 stops after the build)
ifndef BUILD_ONLY
	@$(MAKE) --no-print-directory serve
endif

.venv/book.stamp: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 ..."; exit 1; }
	@echo "== environment: the packages of requirements.txt into .venv (once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) -r requirements.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@$(COMPILE)
	@touch $@

.venv/torch.stamp: .venv/book.stamp requirements-torch.txt
	@echo "== environment: PyTorch and transformers for the parity tests (once)"
	@$(PIP) -r requirements-torch.txt
	@$(COMPILE)
	@touch $@

build: .venv/book.stamp
	@echo "== building the book (pages whose code and library are unchanged come from the cache)"
	@$(BIN)/jupyter-book build . -W -n --keep-going
	@echo "== built: $(SITE)/index.html (it also opens from the file system)"

serve: .venv/book.stamp
	@$(BIN)/python tools/serve.py $(SITE) $(PORT)

test: lint unit build site-tests notebooks-test ## Everything: style, types, unit, property, doctest, numbers, site, notebooks
	@echo "== all tests passed"

lint: .venv/torch.stamp
	@echo "== style and types"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

unit: .venv/torch.stamp
	@echo "== unit, property, parity, doctest and chapter numbers"
	@$(BIN)/pytest -q -n $(JOBS) --dist loadfile -m "not slow and not site"

site-tests: build
	@echo "== the built site in a real browser"
	@tools/chromium.sh && $(BIN)/pytest -q -n $(JOBS) --dist worksteal -m "site and not slow" tests/book

notebooks-test: .venv/book.stamp
	@echo "== every notebook from top to bottom"
	@$(BIN)/pytest -q -n $(JOBS) -o addopts="" --nbmake --nbmake-timeout=60 notebooks

slow: .venv/torch.stamp ## The long studies
	@$(BIN)/pytest -q -n $(JOBS) -m slow

colab: .venv/book.stamp ## Every notebook alone, as on Colab: newest packages and Colab's pins (PYTHON=python3.13)
	@$(PYTHON) tools/colab.py

lab: .venv/book.stamp
	@$(BIN)/jupyter lab notebooks

bench: .venv/torch.stamp
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python -m benchmarks.$$(basename $$file .py) || exit 1; done

weights: .venv/torch.stamp ## Train the embedded model again, rewrite its card, record its reading
	@$(BIN)/python -m training.train && $(BIN)/python -m training.evaluate && $(BIN)/python -m training.reading

herds: .venv/torch.stamp ## Train the herd agents again, measure them, rewrite their card
	@$(BIN)/python -m training.herds && $(BIN)/python -m training.herd_texts && $(BIN)/python -m training.herd_results

sync: .venv/book.stamp ## Rewrite what is derived from pyproject.toml: set-up cells, badges, addresses
	@$(BIN)/python tools/sync.py

lock: ## Resolve requirements.txt anew from pyproject.toml
	@tools/lock.sh $(PYTHON)

clean:
	@rm -rf _build _vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis
