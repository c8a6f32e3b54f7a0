# Verbs only; what they mean is in the package. Override like: make setup PYTHON=python3.12
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup repro benchmarks test check lab clean

help:  ## say what can be made
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY)  ## install the locked environment into .venv

$(READY): requirements.lock pyproject.toml jupyter_server_config.py
	@echo "Installing the locked environment into .venv; this takes a few minutes."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --compile --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q src/lab
	$(BIN)/python -m lab.jupyter install
	touch $(READY)

repro: $(READY)  ## run every study whose data, code or parameters changed
	dvc repro
	@echo "Reports: open $(CURDIR)/reports/index.html"

benchmarks: $(READY)  ## run the long studies, which repro leaves out (an hour and more)
	dvc repro --keep-going benchmarks/dvc.yaml

test: $(READY)  ## run every test, and ask for 90 % of the lines of src/lab
	pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term --cov-fail-under=90

check: $(READY)  ## lint, format, types, doctests, notebooks in step with params.yaml; edits nothing
	ruff check
	ruff format --check
	mypy
	pytest --doctest-modules src/lab -q -p no:cacheprovider --no-cov
	lab sync --check

lab: $(READY)  ## open JupyterLab
	jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks

clean:  ## remove the environment and everything that can be made again
	rm -rf .venv .lab .mypy_cache .ruff_cache .pytest_cache .hypothesis build src/*.egg-info
	rm -rf data/clean data/features models reports/*.html reports/tables
